"""The servers that tests start, each a real one."""
