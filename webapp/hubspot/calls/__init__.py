"""The calls to HubSpot, by what they are about."""
