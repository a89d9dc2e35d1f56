"""What has to hold whatever happened: laws of both sides and of the logs, and what they are checked by."""
