"""The surroundings of the application at its start: doubtful settings, private files, log, own Redis."""
