"""The mapping as administrators set it: pages, commands, and what follows for the records."""
