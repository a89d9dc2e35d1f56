"""Which job comes first."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis

from tests.support.applications import jobs
from tests.support.applications.services import current_services
from webapp import allowed_jobs
from webapp.allowed_jobs import named_queue
from webapp.processes.queue_worker import queue_worker
from webapp.processes.workers import queues_of
from webapp.usecases.runs.queues import BULK, NOW, QUEUES, REFRESH

pytestmark = pytest.mark.one_database


@pytest.fixture
def redis(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:  # noqa: ARG001 - for what it brings about
    """The application's Redis; the signals that a worker takes over are given back."""
    jobs.have_queued(monkeypatch)
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield current_services().redis
    for number, handler in kept.items():
        signal.signal(number, handler)


def put(redis: Redis, queue: str, count: int) -> None:
    for number in range(1, count + 1):
        named_queue(redis, queue).enqueue(
            allowed_jobs.address_of("record_place"), QUEUES.index(queue), number
        )


def worked_off(redis: Redis, *queues: str) -> list[str]:
    """The jobs in the order in which one worker did them."""
    queue_worker(queues, redis).work(burst=True, logging_level="ERROR")
    return [
        str(name, "utf-8") if isinstance(name, bytes) else name for name in redis.lrange(jobs.RECORDED, 0, -1)
    ]


def test_what_a_person_waits_for_comes_before_events_and_those_before_bulk_work(redis: Redis) -> None:
    put(redis, BULK, 1)
    put(redis, REFRESH, 1)
    put(redis, NOW, 2)
    assert worked_off(redis, *QUEUES) == ["now 1", "now 2", "refresh 1", "bulk 1"]


def test_an_endless_stream_of_events_lets_bulk_work_through_every_fifth_turn(redis: Redis) -> None:
    put(redis, REFRESH, 12)
    put(redis, BULK, 3)
    done = worked_off(redis, *QUEUES)
    assert [place for place, name in enumerate(done) if name.startswith(BULK)] == [5, 10, 14]
    assert [name for name in done if name.startswith(REFRESH)] == [f"refresh {n}" for n in range(1, 13)]


def test_what_a_person_waits_for_never_yields(redis: Redis) -> None:
    put(redis, BULK, 1)
    put(redis, NOW, 9)
    assert worked_off(redis, *QUEUES)[-1] == "bulk 1"


def test_with_several_workers_one_is_always_free_of_bulk_work(redis: Redis) -> None:
    put(redis, BULK, 1)
    put(redis, NOW, 1)
    assert worked_off(redis, *queues_of(0, workers=2)) == ["now 1"]
    assert worked_off(redis, *queues_of(1, workers=2)) == ["now 1", "bulk 1"]
