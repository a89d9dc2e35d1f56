"""Undos that end between a call and its log, or that others overtake."""
