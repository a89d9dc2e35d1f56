"""Reading a long list: in parts side by side, and only what differs in whole."""
