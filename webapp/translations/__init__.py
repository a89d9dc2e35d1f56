"""The catalogues of translations, one a language, and what finds the texts for them."""
