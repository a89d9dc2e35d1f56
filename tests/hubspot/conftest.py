from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from tests.support.clocks.passing_time import Time
from tests.support.servers.redis_server import redis_server
from tests.support.servers.scripted_portal import TOKEN, ScriptedPortal, scripted_portal
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.http.limits import RateLimiter
from webapp.hubspot.http.tokens import StaticToken


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
