"""Pull of everything and of one record, and the application of pulled and refreshed objects."""
