"""The pages of the sync rules."""
