"""The commands about records."""
