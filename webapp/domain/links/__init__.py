"""A link: its base, the precedence of values, conflicts, and the state of the record."""
