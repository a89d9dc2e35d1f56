"""The portal's state, in memory, and the rules by which it changes."""
