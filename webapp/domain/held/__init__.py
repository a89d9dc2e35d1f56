"""Two sides of a doubtful match, for a person to compare."""
