"""Undo: the entries and records that are gathered, and the writes that put them back."""
