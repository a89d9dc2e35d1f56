"""The pages of failing records."""
