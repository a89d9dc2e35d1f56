"""The page on which a person chooses which mails they get."""
