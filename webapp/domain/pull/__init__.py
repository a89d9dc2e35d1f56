"""The plan of a pull: the decision about each object."""
