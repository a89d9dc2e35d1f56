"""Reconcile: turns, watermarks, and the links that no page held."""
