"""A clock for the client's tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import redis


class Time:
    """Time that passes by sleeping alone, here and in Redis, where waits are lives of keys."""

    def __init__(self, store: redis.Redis) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)
        self.naps_s: list[float] = []
        self._store = store

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps_s.append(seconds)
        self.now += timedelta(seconds=seconds)
        for key in self._store.scan_iter():
            if self._store.type(key) == b"list":
                stamps = [int(stamp) - int(seconds * 1e6) for stamp in self._store.lrange(key, 0, -1)]
                self._store.delete(key)
                self._store.rpush(key, *stamps)
            elif (left_ms := self._store.pttl(key)) > 0:
                # Redis takes a life that is over for a deletion.
                self._store.pexpire(key, left_ms - int(seconds * 1000))

    @property
    def slept_s(self) -> float:
        return sum(self.naps_s)
