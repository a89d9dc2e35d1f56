"""Trying again what failed."""
