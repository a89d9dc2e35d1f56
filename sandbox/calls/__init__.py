"""The way of an API call through the portal."""
