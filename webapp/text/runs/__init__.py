"""Texts about runs, and about what works them off."""
