"""Overtime of a slice that reads ahead: it goes on while nobody else waits for its worker."""

import time

from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.queues import is_other_work_waiting

LONGEST_S = 18.0
"""How much longer than its own time a slice may go on in any case."""
LOOK_EVERY_S = 0.05


class Overtime:
    """The end of a slice whose readers would have to begin anew in the next one; asked from any thread.

    Args:
        lease: The slice.
        before_s: How long before the end of its own time it should stop reading, where somebody waits.
    """

    def __init__(self, lease: Lease, *, before_s: float = 0.0) -> None:
        self._lease = lease
        self._before_s = before_s
        self._is_over = False
        self._look_at_s = 0.0

    def is_over(self) -> bool:
        """Whether nothing more should be read; from the first yes on it stays so."""
        if not self._is_over and self._lease.is_over(-self._before_s):
            self._is_over = self._lease.is_over(LONGEST_S) or self._is_work_waiting()
        return self._is_over

    def _is_work_waiting(self) -> bool:
        """Whether other work waits, looked up a few times a second however often readers ask."""
        now_s = time.monotonic()
        if now_s < self._look_at_s:
            return False
        self._look_at_s = now_s + LOOK_EVERY_S
        return is_other_work_waiting(self._lease.services)
