"""What an operator is told of an installation: what a check finds, and what may be restored."""
