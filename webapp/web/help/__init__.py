"""Help: the documents for users as pages of the application."""
