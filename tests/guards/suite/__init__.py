"""What the tests themselves keep to."""
