"""The schedule of the search for missed changes."""
