"""Finding possible duplicates, and carrying out what people decide about them."""
