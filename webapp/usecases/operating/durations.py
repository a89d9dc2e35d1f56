"""Durations of requests and calls: counted in each process, and added up in Redis, where all are read.

A web process adds what it has counted every few seconds, and a worker with every slice; what a killed process
had counted since is lost, as is everything with Redis.
"""

import time
from collections import Counter
from threading import Lock
from typing import Any, NamedTuple

from redis import Redis

from webapp.domain.records.normal.whole_numbers import count_in

BOUNDS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_FLUSH_EVERY_S = 5.0
_KEY = "twinbook:durations:"
_SUM, _BEYOND = "sum_us", "inf"


class Histogram(NamedTuple):
    """A cumulative histogram: the count up to each bound in seconds, the total count, the sum of seconds."""

    at_most: dict[float, int]
    total: int
    sum_s: float


class Durations:
    """The durations of one kind, by the first digit of the status.

    Args:
        name: under which they are kept in Redis.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._new: Counter[str] = Counter()
        self._due_at_s = 0.0

    def add(self, status: int | None, took_s: float) -> None:
        """Count one; the status is None if no answer came."""
        kind = "none" if status is None else f"{status // 100}xx"
        bound = next((str(bound) for bound in BOUNDS_S if took_s <= bound), _BEYOND)
        with self._lock:
            self._new[f"{kind}:{bound}"] += 1
            self._new[f"{kind}:{_SUM}"] += round(took_s * 1e6)

    def is_due(self) -> bool:
        """Whether the last flush was some seconds ago; True also starts the next interval."""
        now = time.monotonic()
        with self._lock:
            if now < self._due_at_s:
                return False
            self._due_at_s = now + _FLUSH_EVERY_S
        return True

    def flush(self, redis: Redis) -> None:
        """Add the new counts to those of all processes.

        Raises:
            RedisError: Redis does not answer.
        """
        with self._lock:
            new, self._new = self._new, Counter()
        if not new:
            return
        with redis.pipeline(transaction=False) as pipe:
            for name, number in new.items():
                pipe.hincrby(self._key, name, number)
            pipe.execute()

    def read(self, redis: Redis) -> dict[str, Histogram]:
        """The counts of all processes, by status.

        Raises:
            RedisError: Redis does not answer.
        """
        found: dict[str, dict[str, int]] = {}
        counted: Any = redis.hgetall(self._key)
        for field, number in counted.items():
            kind, _, bound = field.decode(errors="replace").partition(":")
            found.setdefault(kind, {})[bound] = count_in(number)
        return {kind: _histogram(numbers) for kind, numbers in sorted(found.items())}

    @property
    def _key(self) -> str:
        return f"{_KEY}{self._name}"


def _histogram(numbers: dict[str, int]) -> Histogram:
    """The cumulative form that Prometheus expects."""
    at_most, so_far = {}, 0
    for bound in BOUNDS_S:
        so_far += numbers.get(str(bound), 0)
        at_most[bound] = so_far
    return Histogram(at_most, so_far + numbers.get(_BEYOND, 0), numbers.get(_SUM, 0) / 1e6)


REQUESTS = Durations("requests")
"""Of the requests to this process."""

HUBSPOT_CALLS = Durations("hubspot")
"""Of the calls that the runs in this process make."""
