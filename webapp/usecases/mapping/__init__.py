"""Reading a portal's properties, and changing the mapping."""
