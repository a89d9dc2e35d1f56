"""Searching for records: their texts, the queue of outdated texts, and the matches of a search."""
