"""Reads for the home page and the frame of every page, bounded for books of any size."""
