"""The `flask` commands; `webapp.cli` says where each is."""
