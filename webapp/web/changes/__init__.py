"""Pages of what is done with many records at once."""
