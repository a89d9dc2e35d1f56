"""Texts about the connection and its set-up."""
