"""The figures of the home page."""
