"""What a push keeps until it is done."""
