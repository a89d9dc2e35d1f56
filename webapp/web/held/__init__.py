"""The Held lists."""
