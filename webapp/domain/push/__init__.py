"""What a Push does with each record."""
