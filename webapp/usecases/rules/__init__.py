"""Changing the sync rules, and trying a change first."""
