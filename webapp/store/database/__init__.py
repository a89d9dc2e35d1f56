"""How the databases are driven: engine, transactions, statements in bulk."""
