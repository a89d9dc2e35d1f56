"""Deciding about held objects and records."""
