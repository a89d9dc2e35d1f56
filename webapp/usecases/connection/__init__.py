"""Connecting a portal, its tokens, its call budget, and the status of the installation."""
