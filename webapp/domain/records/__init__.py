"""Companies and contacts: fields, values, look-up keys, validation, history and merging."""
