"""The list of what failed."""
