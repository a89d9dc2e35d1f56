"""Every text has its place, its code and its translation."""
