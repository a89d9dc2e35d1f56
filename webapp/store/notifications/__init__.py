"""Which notifications each person wants, and which were sent."""
