"""The plan of a pull: what becomes of each object."""
