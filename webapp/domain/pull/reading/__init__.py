"""Reading a long list: parts in parallel, and only differing objects in full."""
