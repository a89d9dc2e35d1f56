"""A stand-in HubSpot portal: the API that Twinbook uses, switches that make it misbehave, and a small UI."""
