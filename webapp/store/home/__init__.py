"""What the home page and the frame of every page read, whatever the size of the book."""
