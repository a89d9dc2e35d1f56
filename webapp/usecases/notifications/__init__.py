"""Mails: the sending of each; notifications, which people choose, once for each change of state."""
