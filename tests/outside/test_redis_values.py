"""Whatever stands in Redis, which others can write to: pages answer, figures are told, work is shared out.

Every key that the application has made is given another value, so none is listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from redis import Redis

from tests.support.samples.factories import make_connection
from tests.support.usecases.connecting import change_settings
from webapp.app import services_of
from webapp.hubspot.errors import LimiterUnavailable, WaitLonger
from webapp.hubspot.http.limits import RateLimiter
from webapp.models import User
from webapp.usecases.operating import figures, live_pages
from webapp.usecases.operating.durations import HUBSPOT_CALLS
from webapp.usecases.runs import machinery, queues
from webapp.web.live.wakeups import Wakeups

pytestmark = pytest.mark.one_database

ODD = {
    "nothing": b"",
    "no number": b"a",
    "no text": b"\xff\xfe",
    "not finite": b"nan",
    "more digits than are read": b"9" * 5_000,
    "too large": b"9" * 30,
    "negative": b"-1",
    "a moment of no zone": b"2026-01-01",
    "deep": b"[" * 20_000,
}
_PAGES = ("/", "/companies", "/integrations", "/sync-log", "/readyz", "/healthz", "/metrics")


@pytest.fixture
def keys(app: Flask, redis_url: str) -> Iterator[Redis]:
    """What the application has written: counts, signs, limits, a job that waits."""
    services = services_of(app)
    with app.app_context():
        make_connection()
    machinery.sign_schedule(services)
    live_pages.sign(services.redis, "process", 3)
    HUBSPOT_CALLS.add(200, 0.1)
    HUBSPOT_CALLS.flush(services.redis)
    queues.record_refreshed(services, 1, 7)
    queues.enqueue_mail(services, 1)
    limiter = _limiter(services.redis)
    limiter.learn(
        {
            "X-HubSpot-RateLimit-Max": "190",
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": "1000",
            "X-HubSpot-RateLimit-Daily-Remaining": "900",
        }
    )
    limiter.acquire()
    with Redis.from_url(redis_url) as client:
        yield client


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_pages_answer_and_work_is_shared_out(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient], keys: Redis, odd: bytes
) -> None:
    reader = logged_in(administrator)
    reader.get("/metrics")
    assert _spoiled(keys, odd) > 8
    _everything_answers(app, reader)


def test_so_do_they_where_each_key_is_of_another_kind(
    app: Flask, administrator: User, logged_in: Callable[[User], FlaskClient], keys: Redis
) -> None:
    reader = logged_in(administrator)
    for key in _names(keys):
        kind = keys.type(key)
        keys.delete(key)
        if kind == b"string":
            keys.rpush(key, "a")
        else:
            keys.set(key, "a")
    _everything_answers(app, reader)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary() | st.sampled_from(list(ODD.values())))
def test_figures_are_told_of_whatever_stands_there(app: Flask, keys: Redis, odd: bytes) -> None:
    _spoiled(keys, odd)
    with app.app_context():
        assert figures._of_redis(services_of(app)) is not None
    _limiter(services_of(app).redis).usage()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary() | st.sampled_from(list(ODD.values())))
@example(b"null")
def test_a_message_of_somebody_else_wakes_nobody(app: Flask, odd: bytes) -> None:
    woken: list[Any] = []
    wakeups = Wakeups(services_of(app).redis, woken.append, lambda: True, lambda: 0)
    for data in (odd, b'{"run_id": ' + odd + b"}", b'{"run_id": [1]}', b'{"run_id": "1"}', b"[]", b"7"):
        wakeups._hear({"type": "message", "data": data})
    # Without a number, a message says that a person has changed records.
    assert all(isinstance(one, int | str | None) for topics in woken for one in topics)


def _spoiled(keys: Redis, odd: bytes) -> int:
    """Put an odd value wherever there is one, and in between; how many keys there were."""
    names = _names(keys)
    for key in names:
        kind = keys.type(key)
        if kind == b"string":
            keys.set(key, odd, keepttl=True)
        elif kind == b"hash":
            keys.hset(key, mapping=dict.fromkeys([*keys.hkeys(key), odd or b"x"], odd))
        elif kind == b"list":
            keys.lpush(key, odd)
        elif kind == b"zset":
            keys.zadd(key, {odd or b"x": 0})
        else:
            keys.sadd(key, odd)
    return len(names)


def _names(keys: Redis) -> list[bytes]:
    return list(keys.scan_iter())


def _everything_answers(app: Flask, reader: FlaskClient) -> None:
    change_settings(app, metrics_token="only for monitors")
    scraped = {"Authorization": "Bearer only for monitors"}
    answers = {page: reader.get(page, headers=scraped).status_code for page in _PAGES}
    assert {page: code for page, code in answers.items() if code != 200 and page != "/readyz"} == {}
    assert answers["/readyz"] in (200, 503)
    services = services_of(app)
    machinery.troubles(services)
    queues.refreshed_lately(services, 1)
    queues.is_slice_alive(services, 1, 1)
    limiter = _limiter(services.redis)
    for ask in (limiter.usage, lambda: limiter.acquire(patience_s=0)):
        try:
            ask()
        except (LimiterUnavailable, WaitLonger):
            # Work waits then, as it does without Redis.
            continue


def _limiter(redis: Redis) -> RateLimiter:
    return RateLimiter(redis, 111222)
