"""The life of a run: queued, sliced, waiting, ended."""
