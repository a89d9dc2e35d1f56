from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis

from tests.hubspot.scripted_portal import ScriptedPortal, scripted_portal
from tests.support.redis_server import redis_server
from webapp.hubspot.auth import StaticToken
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.limits import RateLimiter

TOKEN = "pat-na1-a-secret-never-to-be-seen"


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


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def store(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def time(store: redis.Redis) -> Time:
    return Time(store)


@pytest.fixture
def portal() -> Iterator[ScriptedPortal]:
    with scripted_portal() as portal:
        yield portal


@pytest.fixture
def limiter(store: redis.Redis, time: Time) -> RateLimiter:
    return RateLimiter(store, 111222, sleep=time.sleep, clock=time.clock)


@pytest.fixture
def make_client(
    portal: ScriptedPortal, limiter: RateLimiter, time: Time
) -> Iterator[Callable[..., HubSpotClient]]:
    made: list[HubSpotClient] = []

    def make(**options: Any) -> HubSpotClient:
        arguments = {
            "base_url": portal.url,
            "version": "2026-03",
            "tokens": StaticToken(TOKEN),
            "limiter": limiter,
            "sleep": time.sleep,
            "clock": time.clock,
            **options,
        }
        made.append(HubSpotClient(**arguments))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., HubSpotClient]) -> HubSpotClient:
    return make_client()
