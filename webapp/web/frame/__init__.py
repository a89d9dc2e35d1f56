"""Everything around a page: assets, the menu, the banner, the palette."""
