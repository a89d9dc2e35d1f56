"""Erasing the traces of people whom HubSpot has deleted for privacy."""
