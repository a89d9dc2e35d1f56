"""HubSpot's API: one module a family of paths, every handler from a call to an answer."""
