"""The banner about privacy deletions."""
