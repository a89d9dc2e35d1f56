"""Receiving webhook events, and refreshing the objects that they name."""
