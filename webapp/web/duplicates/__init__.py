"""The pages of possible duplicates."""
