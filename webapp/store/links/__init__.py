"""Links between records and objects."""
