"""People whom HubSpot has deleted for privacy."""
