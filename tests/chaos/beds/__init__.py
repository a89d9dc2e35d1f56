"""Where cells of the fault matrix take place, and the programs that run there."""
