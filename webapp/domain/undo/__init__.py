"""The plan of an undo, for a record here and for an object in HubSpot."""
