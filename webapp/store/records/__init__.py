"""Companies and contacts: one record, lists, files, edits, history, merges."""
