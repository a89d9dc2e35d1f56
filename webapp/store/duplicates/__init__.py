"""Possible duplicates: their pairs, lists and keys, and what merges of them keep."""
