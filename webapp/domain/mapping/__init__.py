"""Which property is which field, and the conversion of values and statuses between the two."""
