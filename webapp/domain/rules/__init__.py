"""Sync rules: which records are admitted, what may be saved, what a change would do."""
