"""Lists of records: their filters, orders, counts and pages."""
