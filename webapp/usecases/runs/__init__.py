"""The life of a run: queues, slices, log retention, and news for open pages."""
