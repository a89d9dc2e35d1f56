"""The rules of the product as pure functions: no framework, no database, no network."""
