"""One person of whom something is kept: what mentions them, and what stays of that once they are erased."""
