"""What stands around every page: assets, the menu, the palette."""
