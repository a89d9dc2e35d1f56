"""Reading a list ahead of those who write: by one reader, or by several side by side."""
