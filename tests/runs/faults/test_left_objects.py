"""A worker, whose collector hardly ever runs by itself, lets go of what its jobs leave."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest

from tests.support.applications import jobs
from tests.support.applications.services import current_services
from webapp import allowed_jobs
from webapp.allowed_jobs import named_queue
from webapp.processes.queue_worker import QueueWorker, queue_worker
from webapp.usecases.runs.queues import BULK, QUEUES

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Workers collect, as in life; then the collector runs by itself again.

    The signals that a worker takes over are given back.
    """
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    monkeypatch.setattr(QueueWorker, "_collects_at_s", 0.0)
    gc.disable()
    yield
    gc.enable()
    for number, handler in kept.items():
        signal.signal(number, handler)


def put(job: str, number: int) -> None:
    queue = named_queue(current_services().redis, BULK)
    queue.enqueue(allowed_jobs.address_of(job), QUEUES.index(BULK), number)


def work_off() -> None:
    queue_worker(QUEUES, current_services().redis).work(burst=True, logging_level="ERROR")


@pytest.mark.usefixtures("in_app")
def test_what_a_job_leaves_is_gone_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.have_queued(monkeypatch)
    put("leave_something", 1)
    work_off()
    assert not jobs.Left.here


@pytest.mark.usefixtures("in_app")
def test_a_signal_to_stop_is_not_lost_among_what_a_job_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.have_queued(monkeypatch)
    put("leave_something", 2)
    put("record_place", 3)
    work_off()
    assert not jobs.Left.here
    assert current_services().redis.lrange(jobs.RECORDED, 0, -1) == []
