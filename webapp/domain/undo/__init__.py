"""What undoing does with a record here, and with an object in HubSpot."""
