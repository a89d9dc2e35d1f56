"""A worker waits long for its next job, and for nothing else: what its jobs ask of Redis is given up soon."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from webapp.installation import embedded_redis
from webapp.installation.embedded_redis import Patience
from webapp.processes.queue_worker import WORKER_TTL_S, queue_worker
from webapp.usecases.runs.queues import QUEUES

_PAUSE_MS = 2_000


def test_jobs_give_up_on_a_silent_redis_as_soon_as_anybody_else(redis_url: str) -> None:
    hasty = {"socket_timeout": 0.2, "retry": Retry(NoBackoff(), 0)}
    with Redis.from_url(redis_url, **hasty) as shared, Redis.from_url(redis_url) as other:
        worker = queue_worker(QUEUES, shared)
        other.client_pause(_PAUSE_MS)
        with pytest.raises(RedisTimeoutError):
            shared.ping()
        own = worker.connection.connection_pool.connection_kwargs
        assert 0.2 < own["socket_timeout"] < WORKER_TTL_S


def test_a_silent_redis_is_asked_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        with Redis.from_url(url, socket_timeout=0.2, retry=Patience()) as redis:
            with pytest.raises(RedisTimeoutError):
                redis.ping()
            silent.setblocking(False)
            silent.accept()[0].close()
            with pytest.raises(BlockingIOError):
                silent.accept()


def test_a_silent_redis_is_left_alone_for_a_while_and_then_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        silent.setblocking(False)
        monkeypatch.setattr(embedded_redis, "SILENT_S", 3600.0)
        with Redis.from_url(url, socket_timeout=0.05, retry=Patience()) as redis:
            assert _connections(silent, redis, pings=3) == 1
        monkeypatch.setattr(embedded_redis, "SILENT_S", 0.0)
        with Redis.from_url(url, socket_timeout=0.05, retry=Patience()) as redis:
            assert _connections(silent, redis, pings=3) == 3


def _connections(server: socket.socket, redis: Redis, *, pings: int) -> int:
    """How often a server that says nothing is asked."""
    for _ in range(pings):
        with pytest.raises(RedisTimeoutError):
            redis.ping()
    found = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            found += 1
    return found
