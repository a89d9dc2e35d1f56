"""Held objects and records, and the decisions about them."""
