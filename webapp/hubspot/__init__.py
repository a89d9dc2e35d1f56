"""Everything that speaks HTTP with HubSpot: the only importer of `requests`."""
