"""One call on the wire: paths, call budget, retries, decoding, errors."""
