"""What an operator does with an installation: check it, back it up, restore it, watch it."""
