"""Matching: which counts of the book a run keeps to, and renewing the keys of what is stored."""
