"""What the connection's page says of missed changes."""
