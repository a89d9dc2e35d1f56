"""Pull: the facts that are gathered for a page, and the writes of its plans."""
