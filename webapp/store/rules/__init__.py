"""Sync rules and their trials."""
