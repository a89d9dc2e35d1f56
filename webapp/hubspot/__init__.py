"""The HTTP client of HubSpot's API: the only importer of `requests`."""
