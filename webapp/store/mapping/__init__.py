"""The mapping of a connection, and the portal's property definitions."""
