"""How a pull reads a portal: its lists, their seams, several readers, and trouble on the way."""
