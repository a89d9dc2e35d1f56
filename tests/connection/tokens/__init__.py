"""The right to use a portal: how it comes, how it is kept, and how it is renewed."""
