"""Which property is which field, and how values and statuses travel between the two."""
