"""Reads for the home page and the frame of every page, bounded whatever the size of the book."""
