"""Push of everything, of one record, and of what was edited."""
