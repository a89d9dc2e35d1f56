"""The comparison of an object with a record, field by field, for a person to decide."""
