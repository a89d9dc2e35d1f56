"""The pictures of the documents, made from the demo: `make pictures`."""
