"""The sync panel of a record."""
