"""The red Push button."""
