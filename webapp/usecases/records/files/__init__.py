"""Records from and to files: CSV and, outwards, JSON lines. Rows stream through."""
