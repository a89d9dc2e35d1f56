"""Possible duplicates: pairs, groups, and the values that a merge keeps."""
