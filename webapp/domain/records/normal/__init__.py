"""One normal form of names, numbers, hosts and addresses, for keys and for comparison alike."""
