"""Reading a portal's property definitions, and changing the mapping."""
