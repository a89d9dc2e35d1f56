"""Matching: the counts of the book by which it is weighed what records share, and its keys renewed."""
