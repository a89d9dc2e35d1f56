"""Searching for records: their texts, what of these is out of date, and what a search finds in them."""
