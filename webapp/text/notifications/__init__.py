"""Texts of notifications, and the mails."""
