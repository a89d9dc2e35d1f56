"""What a Pull does with each object."""
