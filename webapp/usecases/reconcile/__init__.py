"""Finding and repairing changes of which no webhook event told."""
