"""Pages as browsers and their parsers read them."""
