"""A database that is locked, full, gone or failing over."""
