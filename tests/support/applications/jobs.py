"""What the queues carry in tests: each job notes its queue and its number."""

from __future__ import annotations

import os
import signal
import weakref
from typing import ClassVar

import pytest

from tests.support.applications.services import current_services
from webapp import allowed_jobs, jobs
from webapp.usecases.runs.queues import QUEUES

RECORDED = "notes"


def record_place(queue: int, number: int) -> None:
    """Write down which job of which queue this was, behind those before."""
    current_services().redis.rpush(RECORDED, f"{QUEUES[queue]} {number}")


class Left:
    """What a job leaves, and only the collector finds: it refers to itself."""

    here: ClassVar[weakref.WeakSet[Left]] = weakref.WeakSet()

    def __init__(self) -> None:
        self.itself = self
        self.here.add(self)


class Stopping(Left):
    """The same, with a worker that is told to stop at the moment at which it is found."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)


def leave_something(_queue: int, number: int) -> None:
    """End without a word, and leave something behind; as the second job, what stops the worker."""
    (Left if number == 1 else Stopping)()


def have_queued(patch: pytest.MonkeyPatch) -> None:
    """Let the queues carry it like one of the product's own jobs."""
    patch.setattr(jobs, "record_place", record_place, raising=False)
    patch.setattr(jobs, "leave_something", leave_something, raising=False)
    patch.setattr(allowed_jobs, "NAMES", allowed_jobs.NAMES | {"record_place", "leave_something"})
