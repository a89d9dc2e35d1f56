"""How a record stands with HubSpot, and whether it keeps syncing."""
