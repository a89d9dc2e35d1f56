"""Possible duplicates: their pairs, lists and keys."""
