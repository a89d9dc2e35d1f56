"""Deleting records here, and the tombstones that keep their objects from coming back."""
