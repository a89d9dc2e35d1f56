"""What people may ask for: all that is kept about them, or to be erased; and what HubSpot has erased."""
