"""Which record an object is, and what people decide about that."""
