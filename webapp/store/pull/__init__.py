"""What a Pull gathers and writes."""
