"""A mail server that delivers to nobody: its mails can be read in the browser."""
