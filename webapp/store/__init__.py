"""Queries and writes: plain functions that take a session. The only importer of `webapp.models`."""
