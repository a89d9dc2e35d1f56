"""Possible duplicates: found, listed, decided, merged and taken apart."""
