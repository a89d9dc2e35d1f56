"""Which notifications there are, who gets one at first, and when."""
