"""The kinds of notifications, who gets them by default, and when."""
