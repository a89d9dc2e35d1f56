"""Pull of everything and of one record; the place where pulled and refreshed objects are applied."""
