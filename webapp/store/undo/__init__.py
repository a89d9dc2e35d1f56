"""What an undo gathers and writes back."""
