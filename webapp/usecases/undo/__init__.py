"""Putting back what a run wrote, here or in HubSpot."""
