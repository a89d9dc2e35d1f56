"""A pull keeps its worker while nobody else waits for it, and leaves it soon when somebody does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import Run
from webapp.processes import queue_worker
from webapp.usecases.pull import bulk as bulk_pull
from webapp.usecases.runs import lifecycle, overtime, queues, slices

pytestmark = pytest.mark.one_database

_PEOPLE = 36
_PAGE = 1
"""Of so many pages no reader has read all before the first is written."""


@pytest.fixture
def run_id(connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A pull whose slices have no time of their own, and for whose worker nobody waits."""
    sandbox.reset(companies=1, contacts=_PEOPLE)
    pulling.short_pages(monkeypatch, _PAGE)
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(overtime, "LOOK_EVERY_S", 0.0)
    # However slow the machine is.
    monkeypatch.setattr(overtime, "LONGEST_S", 600.0)
    begun = pulling.begun(connection_id)
    current_services().redis.flushall()
    return begun


def _is_whole(run: Run) -> bool:
    return run.state == "finished" and sum(run.counts["contacts"].values()) == _PEOPLE


def _behind_first_page(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something once the first contacts are written."""
    has_acted = False

    def run_changed(_: Any, run_id: int) -> None:
        nonlocal has_acted
        if not has_acted and "contacts" in pulling.run_of(run_id).counts:
            has_acted = True
            act()

    patch.setattr(bulk_pull, "run_changed", run_changed)


def test_a_slice_goes_on_while_nobody_waits(run_id: int) -> None:
    assert _is_whole(pulling.one_slice(run_id))


def test_a_slice_ends_in_any_case(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overtime, "LONGEST_S", 0.0)
    run = pulling.one_slice(run_id)
    assert run.state == "running"
    assert _is_whole(pulling.worked_off(run_id))


@pytest.mark.parametrize(
    "waiting",
    [
        lambda services: queues.enqueue_decision(services, 1),
        lambda services: queues.enqueue_automatic(services, queues.AUTO_PUSH, 1),
        lambda services: queues.enqueue_slice(services, 99, 1),
        lambda services: services.stop.set(),
    ],
    ids=["a person", "an edit", "the run of another connection", "the end of the worker"],
)
def test_a_slice_ends_as_soon_as_something_waits(
    run_id: int, monkeypatch: pytest.MonkeyPatch, waiting: Callable[[Any], object]
) -> None:
    services = current_services()
    _behind_first_page(monkeypatch, lambda: waiting(services))
    try:
        run = pulling.one_slice(run_id)
        assert run.state == "running"
        assert 0 < sum(run.counts["contacts"].values()) < _PEOPLE
        assert _is_whole(pulling.worked_off(run_id))
    finally:
        services.stop.clear()


def test_a_cancelled_pull_stops_though_nobody_waits(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _behind_first_page(monkeypatch, lambda: lifecycle.cancel(current_services(), run_id))
    run = pulling.one_slice(run_id)
    assert run.state == "cancelled"
    assert sum(run.counts["contacts"].values()) < _PEOPLE


@pytest.fixture
def _signals() -> Iterator[None]:
    """The signals that a worker takes over are given back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("_signals")
@pytest.mark.parametrize("has_own_app", [True])
def test_a_worker_that_is_told_to_end_leaves_the_rest_to_the_next_one(
    run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_worker, "_collect_less_often", lambda: None)
    _behind_first_page(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGTERM))
    queues.enqueue_slice(current_services(), run_id, pulling.run_of(run_id).fence)
    queue_worker.run_worker(queues.QUEUES, current_services())
    run = pulling.run_of(run_id)
    assert run.state == "running"
    assert 0 < sum(run.counts["contacts"].values()) < _PEOPLE
    assert queues.is_slice_alive(current_services(), run_id, run.fence), "the next slice is queued"
