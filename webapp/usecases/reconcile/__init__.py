"""Finding and repairing what HubSpot changed unheard."""
