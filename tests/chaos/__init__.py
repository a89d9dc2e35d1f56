"""Faults at every step of every flow, with real processes; `python -m tests.chaos` runs the whole matrix."""
