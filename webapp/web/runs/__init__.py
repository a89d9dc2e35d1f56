"""Starting runs, and the sync log."""
