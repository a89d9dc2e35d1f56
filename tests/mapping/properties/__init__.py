"""HubSpot's properties under a mapping in force: they change, and their definitions may be odd."""
