"""Records as people work with them: edit, merge, import, export."""
