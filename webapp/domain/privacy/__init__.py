"""One person's data: what mentions them, and what remains of it after their erasure."""
