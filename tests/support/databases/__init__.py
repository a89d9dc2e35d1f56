"""Databases for tests, and what is asked of them."""
