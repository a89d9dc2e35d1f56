"""One person: what is kept about them, and their erasure."""
