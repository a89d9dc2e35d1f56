"""Whether an object is a record: by key, address, name, and by what both sides changed."""
