"""Matching: the counts of the book, which say how much a shared value weighs, and its keys renewed."""
