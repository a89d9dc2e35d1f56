"""The properties of records: their definitions and their values."""
