"""Merges of possible duplicates, here and in HubSpot."""
