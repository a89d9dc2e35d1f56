"""A worker that SIGTERM ends in the middle of a push, or of an undo, leaves the rest to the next one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.applications.services import current_services
from tests.support.faults import durable_steps
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, objects, pushed
from webapp.models import Run
from webapp.processes import queue_worker
from webapp.usecases.runs import queues, slices
from webapp.usecases.undo import remote
from webapp.usecases.undo import run as undo_run

pytestmark = pytest.mark.one_database

_FIRMS = 3


@pytest.fixture
def has_own_app() -> bool:
    """A worker that ends has its services stop."""
    return True


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """The signals that a worker takes over are given back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(queue_worker, "_collect_less_often", lambda: None)


@pytest.fixture
def firms(with_key: int) -> int:
    for number in range(_FIRMS):
        company = make_company(name=f"Firm {number}", domain=f"firm{number}.de")
        make_contact(company.id, first_name="Eva", last_name=f"Nr {number}", email=f"eva@firm{number}.de")
    return with_key


def work_until_sigterm(run_id: int, behind: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Have a worker take the run up, and tell it to end behind HubSpot's first answer to such a call."""

    def reach(step: str) -> None:
        if step.startswith("answered") and step.endswith(behind):
            os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        durable_steps.install(durable_steps.Hooks(reach), patch.setattr)
        queues.enqueue_slice(current_services(), run_id, pulling.run_of(run_id).fence)
        queue_worker.run_worker(queues.QUEUES, current_services())
    run = pulling.run_of(run_id)
    assert run.state == "running"
    assert queues.is_slice_alive(current_services(), run_id, run.fence), "the next slice is queued"
    return run


def is_numbered(run_id: int) -> bool:
    return [entry.seq for entry in pulling.entries(run_id)] == list(range(1, 2 * _FIRMS + 1))


def test_a_push(firms: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = pulling.begun(firms, "push")
    run = work_until_sigterm(run_id, "companies/batch/upsert", monkeypatch)
    assert (run.counts, announced()) == ({"companies": {"created": _FIRMS}}, [])
    assert (len(objects(sandbox, "companies")), objects(sandbox, "contacts")) == (_FIRMS, [])
    assert pulling.worked_off(run_id).state == "finished"
    assert (len(objects(sandbox, "companies")), len(objects(sandbox, "contacts"))) == (_FIRMS, _FIRMS)
    assert is_numbered(run_id)


def test_the_undo_of_a_push(firms: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAGE_SIZE", _FIRMS)
    request = undo_run.UndoRequest(run_id=pushed(firms).id, archives=True)
    undo_id = undo_run.start(
        current_services(), request, trigger="button", user_id=None, is_preview=False
    ).run_id
    work_until_sigterm(undo_id, "contacts/batch/archive", monkeypatch)
    assert (len(objects(sandbox, "companies")), objects(sandbox, "contacts")) == (_FIRMS, [])
    assert pulling.worked_off(undo_id).state == "finished"
    assert (objects(sandbox, "companies"), objects(sandbox, "contacts")) == ([], [])
    assert is_numbered(undo_id)
