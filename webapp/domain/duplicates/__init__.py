"""Which records may be one: pairs and groups, and what a merge of them keeps."""
