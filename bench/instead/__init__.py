"""What a person would use instead of a Pull, measured beside it."""
