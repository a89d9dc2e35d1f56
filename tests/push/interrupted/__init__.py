"""Workers that end in the middle of a push, and runs that meet at one object."""
