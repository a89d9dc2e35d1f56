"""Sends plans in batches, and finds out what each input was answered."""
