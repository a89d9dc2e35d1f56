"""Finding and repairing changes that no webhook event has announced."""
