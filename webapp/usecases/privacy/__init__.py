"""What people may ask for: everything that is kept about them, and to be erased; and what HubSpot has erased."""
