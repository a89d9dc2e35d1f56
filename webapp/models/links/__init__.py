"""Links, and the objects without one."""
