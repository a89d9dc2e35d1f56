"""The mapping of a connection, and the portal's properties."""
