"""The methods of the client, grouped by account, objects and associations."""
