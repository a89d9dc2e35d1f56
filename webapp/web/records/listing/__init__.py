"""The lists of records: their columns, filters and what is ticked in them."""
