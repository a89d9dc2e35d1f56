"""Runs, checkpoints, log entries, mails, call counts, retention."""
