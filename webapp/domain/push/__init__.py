"""The plan of a push: what becomes of each record, and what HubSpot would answer."""
