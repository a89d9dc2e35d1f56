"""The pages of companies and contacts."""
