"""A linked pair: its base, whose value is kept, and how it stands."""
