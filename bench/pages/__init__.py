"""Pages measured."""
