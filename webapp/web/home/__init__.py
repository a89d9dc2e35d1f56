"""The first page: how the sync stands, and what needs a person."""
