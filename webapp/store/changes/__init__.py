"""Many records that are changed at once: read, and written."""
