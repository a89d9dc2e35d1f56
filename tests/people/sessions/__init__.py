"""Logging in, what a session may do, and what is typed when it ends."""
