"""The matching measured, and the pairs of records on which it is judged."""
