"""Objects that a push makes in HubSpot, each once."""
