"""People: log-in, mailed links, profiles, who may log in, settings, and the audit log."""
