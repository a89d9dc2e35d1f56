"""What a portal says of its account, and what people read of it."""
