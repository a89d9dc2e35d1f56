"""The decisions behind the home page."""
