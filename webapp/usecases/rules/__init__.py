"""Changing the sync rules, and trying them first."""
