"""A worker, whose collector hardly ever runs by itself, lets go of what its jobs leave."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.applications import jobs
from tests.support.applications.services import current_services
from webapp import allowed_jobs
from webapp.allowed_jobs import named_queue
from webapp.processes.queue_worker import queue_worker
from webapp.usecases.runs.queues import BULK, QUEUES

pytestmark = pytest.mark.one_database


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The collector runs by itself again, and the signals that a worker takes over are given back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    gc.disable()
    yield
    gc.enable()
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_what_a_job_leaves_is_gone_behind_it(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - for what it brings about
    jobs.have_queued(monkeypatch)
    redis = current_services().redis
    named_queue(redis, BULK).enqueue(allowed_jobs.address_of("leave_something"), QUEUES.index(BULK), 1)
    queue_worker(QUEUES, redis).work(burst=True, logging_level="ERROR")
    assert not jobs.Left.here
