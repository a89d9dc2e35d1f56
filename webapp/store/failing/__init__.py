"""What failed in its latest sync."""
