"""Runs: outcomes and reasons, progress, retries, and the guard against mass changes."""
