"""Which record an unlinked object is: signals, their weights, and the decision."""
