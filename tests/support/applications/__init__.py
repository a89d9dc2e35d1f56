"""The application under test: in this process, in a thread, or as the programs that an operator runs."""
