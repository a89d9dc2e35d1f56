"""The state of a record with HubSpot, and stopping or starting its sync."""
