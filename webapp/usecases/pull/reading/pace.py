"""HubSpot's distance at the moment, and the number of readers and the pace that it asks for."""

from collections import deque
from statistics import median
from threading import Lock

from webapp.domain.pull.reading.parts import gap_between, readers_for

NEAR_S = 0.015
"""Nearer than this one reader is enough under any limit."""
FEWEST = 3
"""The first call opens a connection; of so many, the middle one is an ordinary one."""
_REMEMBERED = 15
# A portal with a longer latency counts as far away.
_FAR_S = 0.5


class Pace:
    """Measures answers, from any thread.

    Args:
        readers: How many readers were enough so far.
    """

    def __init__(self, readers: int = 1) -> None:
        self.readers = readers
        self.gap_s = 0.0
        """How long after the beginning of a page the next one may begin."""
        self._latencies: deque[float] = deque(maxlen=_REMEMBERED)
        self._lock = Lock()

    def add(self, latency_s: float, calls_per_s: float) -> None:
        """Take another answer into account.

        Args:
            latency_s: How long it took, without the wait for the call budget.
            calls_per_s: What the limit allows now.
        """
        with self._lock:
            self._latencies.append(latency_s)
            self.gap_s = gap_between(calls_per_s)
            usual_s = median(self._latencies)
            if len(self._latencies) >= FEWEST or usual_s >= _FAR_S:
                self.readers = 1 if usual_s < NEAR_S else readers_for(usual_s, calls_per_s)
