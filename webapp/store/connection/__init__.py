"""Connections and their tokens."""
