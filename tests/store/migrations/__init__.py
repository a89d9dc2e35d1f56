"""Migrations of tables with rows in them, and the keys that they leave behind."""
