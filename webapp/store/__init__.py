"""Queries and writes: functions that take a session. The only importer of `webapp.models`."""
