"""The pages of held and not imported objects."""
