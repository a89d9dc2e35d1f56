"""The `flask` commands: a module for each noun."""
