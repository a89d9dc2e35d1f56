"""What the queues carry in tests: each job notes its queue and its number."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services
from webapp import allowed_jobs, jobs
from webapp.usecases.runs.queues import QUEUES

RECORDED = "notes"


def record_place(queue: int, number: int) -> None:
    """Write down which job of which queue this was, behind those before."""
    current_services().redis.rpush(RECORDED, f"{QUEUES[queue]} {number}")


def have_queued(patch: pytest.MonkeyPatch) -> None:
    """Let the queues carry it like one of the product's own jobs."""
    patch.setattr(jobs, "record_place", record_place, raising=False)
    patch.setattr(allowed_jobs, "NAMES", allowed_jobs.NAMES | {"record_place"})
