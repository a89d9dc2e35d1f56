"""Starting the run that a preview has shown."""
