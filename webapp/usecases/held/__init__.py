"""Decisions about held objects and records, stored and carried out."""
