"""A mail server that delivers to nobody: what it is given can be read in the browser."""
