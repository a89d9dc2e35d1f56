"""What the home page and the frame of every page decide."""
