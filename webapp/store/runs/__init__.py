"""Runs: checkpoints, log entries, failures, mass changes, retention."""
