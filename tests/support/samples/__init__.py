"""Rows and portals to begin with."""
