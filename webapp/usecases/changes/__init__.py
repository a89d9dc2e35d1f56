"""Changing many records at once, as a run."""
