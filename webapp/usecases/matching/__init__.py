"""Matching: which counts of the book a run keeps to."""
