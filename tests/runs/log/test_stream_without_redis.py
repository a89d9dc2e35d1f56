"""The live log while Redis is away, and when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests
from flask import Flask
from redis import Redis

from tests.support.applications.worker_process import wait_until
from tests.support.pages.events import EventReader
from tests.support.samples.rows import Rows
from tests.support.servers.redis_server import redis_server
from webapp.web.live.sse import hub_of
from webapp.web.live.wakeups import Wakeups

pytestmark = pytest.mark.one_database


class StoppableRedis:
    """A Redis on a socket of its own."""

    def __init__(self, socket: Path) -> None:
        self.url = f"unix://{socket}"
        self._socket = socket
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(redis_server(self._socket, password=""))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def own_redis() -> Iterator[StoppableRedis]:
    with TemporaryDirectory(prefix="twinbook-") as folder:
        redis = StoppableRedis(Path(folder) / "redis.sock")
        redis.start()
        yield redis
        redis.stop()


@pytest.fixture
def redis_url(own_redis: StoppableRedis) -> str:
    return own_redis.url


@pytest.fixture
def keepalive_s() -> float:
    return 60.0


def test_a_redis_that_is_full_wakes_pages_all_the_same(own_redis: StoppableRedis) -> None:
    is_watched = threading.Event()
    is_watched.set()
    with Redis.from_url(own_redis.url) as redis:
        redis.config_set("maxmemory", 1)
        wakeups = Wakeups(redis, lambda _: None, is_watched.is_set, lambda: 1)
        wakeups.begin()
        wait_until(lambda: wakeups.is_live, "it listens", 60)
        is_watched.clear()
        wait_until(lambda: wakeups._thread is None, "it ends", 60)


def test_a_stream_goes_on_while_redis_is_away_and_is_woken_again_when_it_is_back(
    app: Flask, own_redis: StoppableRedis, rows: Rows, visitor: requests.Session, served_url: str
) -> None:
    run = rows.run(state="running")
    with EventReader(visitor, f"{served_url}/sync-log/{run.id}/stream") as events:
        events.next("parts")
        rows.log(run, {})
        assert "1 new entry" in _with_news(events)
        own_redis.stop()
        rows.log(run, {})
        assert "2 new entries" in _with_news(events)
        own_redis.start()
        # Subscribed again, the stream is woken even though nothing is published.
        wait_until(lambda: hub_of(app).wakeups.is_live, "it listens again", 60)
        rows.log(run, {})
        assert "3 new entries" in _with_news(events)
        rows.change(run, state="cancelled")
        events.next("over")


def _with_news(events: EventReader) -> str:
    return next(html for html in iter(lambda: events.next("parts"), "") if "new entr" in html)
