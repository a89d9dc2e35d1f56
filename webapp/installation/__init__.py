"""What surrounds the application at its start: doubtful settings, private files, its log, its own Redis."""
