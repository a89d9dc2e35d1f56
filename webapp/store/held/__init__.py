"""Held objects and records, and what people decided about them."""
