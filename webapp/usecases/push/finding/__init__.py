"""Which objects HubSpot has for the records of a page."""
