"""What a reconcile reads and marks."""
