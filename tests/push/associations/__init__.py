"""The primary companies that a push sets in HubSpot."""
