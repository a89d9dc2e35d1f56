"""The decision about the traces of a privacy deletion."""
