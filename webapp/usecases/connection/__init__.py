"""Connecting a portal, its tokens, and its call budget."""
