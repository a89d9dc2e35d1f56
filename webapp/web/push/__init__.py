"""The red Push button of a record."""
