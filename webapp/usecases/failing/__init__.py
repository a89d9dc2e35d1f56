"""Retrying what failed."""
