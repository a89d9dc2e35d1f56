"""Notifications by mail: chosen, and sent once for each change of state."""
