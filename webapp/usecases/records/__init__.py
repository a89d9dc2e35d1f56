"""Creating, editing, merging, importing and exporting records."""
