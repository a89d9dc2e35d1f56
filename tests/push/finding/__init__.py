"""Which object in HubSpot a record is."""
