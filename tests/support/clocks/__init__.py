"""How long tests wait, and what time it is for them."""
