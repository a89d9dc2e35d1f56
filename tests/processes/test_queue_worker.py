"""A worker waits long for its next job, and for nothing else: what its jobs ask of Redis is given up soon."""

from __future__ import annotations

import socket

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from webapp.installation.embedded_redis import patience
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
        with Redis.from_url(url, socket_timeout=0.2, retry=patience()) as redis:
            with pytest.raises(RedisTimeoutError):
                redis.ping()
            silent.setblocking(False)
            silent.accept()[0].close()
            with pytest.raises(BlockingIOError):
                silent.accept()
