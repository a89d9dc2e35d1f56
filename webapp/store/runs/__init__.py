"""Runs, their log, their mails."""
