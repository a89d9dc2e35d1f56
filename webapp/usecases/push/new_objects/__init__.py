"""Checks of what was made while HubSpot's search showed nothing."""
