"""The plans of a preview, laid over the stored data for its later pages."""
