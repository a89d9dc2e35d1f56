"""Which records the sync admits."""
