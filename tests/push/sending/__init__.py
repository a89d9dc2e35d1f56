"""Calls of a push in flight, and what is looked up meanwhile."""
