"""The pages of privacy deletions."""
