"""The check of an installation, and which backups may be restored."""
