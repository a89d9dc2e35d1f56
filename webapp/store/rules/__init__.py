"""The sync rules, and their trials."""
