"""Which record an unlinked object is: signs, their weights, and the decision."""
