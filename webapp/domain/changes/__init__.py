"""Changing many records at once: what becomes of each."""
