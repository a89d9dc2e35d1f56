"""The databases: engine, transactions, bulk statements, lists as parameters, statistics."""
