"""Records and rows of files: every record, those that rows mean, which rows were stored."""
