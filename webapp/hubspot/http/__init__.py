"""One call on the wire: budget, tries, answers."""
