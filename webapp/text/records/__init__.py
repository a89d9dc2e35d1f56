"""Texts about companies and contacts."""
