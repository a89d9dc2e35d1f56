"""Counts calls, whichever threads make them and whichever thread adds them up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class CallCounter:
    """The calls of one client, or of several that share it.

    Every call is counted once: taking the counts returns those since they were last taken.

    Args:
        on_answer: called after every call with the status, None if no answer came, and the seconds it took.
    """

    def __init__(self, on_answer: Callable[[int | None, float], None] | None = None) -> None:
        self._on_answer = on_answer
        self._lock = Lock()
        self._calls = self._throttled = 0
        self._taken_calls = self._taken_throttled = 0

    @property
    def calls(self) -> int:
        """All HTTP requests sent so far."""
        return self._calls

    @property
    def throttled(self) -> int:
        """The calls among them that HubSpot refused with 429."""
        return self._throttled

    def add_call(self) -> None:
        """Count a request that is about to be sent."""
        with self._lock:
            self._calls += 1

    def add_answer(self, status: int | None, took_s: float) -> None:
        """Pass on how a request ended."""
        if self._on_answer is not None:
            self._on_answer(status, took_s)

    def add_throttled(self) -> None:
        """Count the refusal of a request, which may have been taken already."""
        with self._lock:
            self._throttled += 1

    def take(self) -> tuple[int, int]:
        """Calls and refusals that nobody has taken yet."""
        with self._lock:
            new = self._calls - self._taken_calls, self._throttled - self._taken_throttled
            self._taken_calls, self._taken_throttled = self._calls, self._throttled
            return new

    def give_back(self, calls: int, throttled: int) -> None:
        """Have them taken again: what was to be written about them was not."""
        with self._lock:
            self._taken_calls -= calls
            self._taken_throttled -= throttled
