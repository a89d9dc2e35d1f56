"""The life of a run: queues, slices, log retention, mail, and news for open pages."""
