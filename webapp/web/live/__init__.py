"""Live pages: what many look at is read and rendered once, and sent to each of them."""
