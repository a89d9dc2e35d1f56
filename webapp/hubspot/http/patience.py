"""How long a call may sleep in all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Patience:
    """The seconds that a call may still sleep; its requests' own time counts, so that time-outs do."""

    def __init__(self, patience_s: float) -> None:
        self.left_s = patience_s

    def spend(self, slept_s: float) -> None:
        """Takes off what was slept."""
        self.left_s = max(0.0, self.left_s - slept_s)

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Takes off what the block takes."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spend(time.perf_counter() - started)

    def covers(self, wait_s: float) -> bool:
        """Whether the wait fits, and if so takes it off."""
        if wait_s > self.left_s:
            return False
        self.spend(wait_s)
        return True
