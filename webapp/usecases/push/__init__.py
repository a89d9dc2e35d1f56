"""Push of everything, of one record, and of waiting edits."""
