"""What becomes of the traces of deleted people."""
