"""Work that comes to nothing is done less and less often, whoever began it (B45)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.support.applications.services import bound_jobs, writing
from tests.support.applications.turns import take_turns
from tests.support.clocks.hours import ten_past_the_next_hour
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp import jobs
from webapp.domain.runs.options import UndoOptions
from webapp.models import Run
from webapp.store.runs import runs
from webapp.store.runs.runs import NewRun
from webapp.usecases.runs.lease import Lease

pytestmark = pytest.mark.one_database


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time, at ten past the next full hour."""
    with ten_past_the_next_hour() as traveller:
        yield traveller


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer, clock: time_machine.Traveller) -> int:
    """The sandbox's portal with a contact of one company, here and in HubSpot."""
    assert in_app
    assert clock
    connection = pulling.connected()
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])
    pulling.pulled(connection)
    return connection


def _working(monkeypatch: pytest.MonkeyPatch, kind: str, *, is_done: bool) -> list[int]:
    """Replace the work of a kind by one that leaves everything as it is; returns the runs of its calls."""
    worked: list[int] = []

    def work(lease: Lease, _: object) -> bool:
        worked.append(lease.run_id)
        return is_done

    monkeypatch.setitem(jobs.WORK, kind, work)
    return worked


def _tries(clock: time_machine.Traveller, worked: list[int]) -> list[int]:
    """How often it was tried when it was due, and a little before, in the course of 36 minutes."""
    tries = []
    for minutes in (1, 5, 15, 15):
        for part in (timedelta(minutes=minutes) - timedelta(seconds=10), timedelta(seconds=10)):
            before = len(worked)
            clock.shift(part)
            take_turns(3)
            tries.append(len(worked) - before)
    return tries


@pytest.mark.parametrize("is_done", [False, True])
def test_an_automatic_push_that_leaves_the_edit_is_no_endless_work(
    connection_id: int, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch, *, is_done: bool
) -> None:
    assert connection_id
    worked = _working(monkeypatch, "auto_push", is_done=is_done)
    edit(city="Bonn")
    take_turns(8)
    assert len(worked) == 3
    [run] = pulling.all_rows(Run, kind="auto_push")
    assert (run.state, run.waiting_for) == ("running", "progress")
    assert _tries(clock, worked) == [0, 1] * 4
    assert set(worked) == {run.id}


@pytest.mark.parametrize("kind", ["undo", "pull", "push"])
def test_a_run_that_a_person_began_waits_likewise(
    connection_id: int,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    worked = _working(monkeypatch, kind, is_done=False)
    options = UndoOptions(run_id=1, run_kind="pull") if kind == "undo" else None
    with writing() as session:
        now = datetime.now(UTC)
        new = NewRun(connection_id=connection_id, kind=kind, trigger="button", options=options)
        run = runs.add(session, new, now)
    bound_jobs()
    take_turns(8)
    assert len(worked) == 3
    assert _tries(clock, worked) == [0, 1] * 4
    assert pulling.run_of(run.id).waiting_for == "progress"


@pytest.mark.every_database
@pytest.mark.parametrize(("conflicts", "state"), [(2, "finished"), (3, "failed")])
def test_what_another_one_wrote_at_the_same_moment_ends_no_run_unless_it_happens_again_and_again(
    connection_id: int,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
    conflicts: int,
    state: str,
) -> None:
    assert clock
    met: list[int] = []

    def work(lease: Lease, _: object) -> bool:
        met.append(lease.run_id)
        if len(met) <= conflicts:
            raise IntegrityError("INSERT", {}, Exception("unique"))
        return True

    monkeypatch.setitem(jobs.WORK, "pull", work)
    run_id = pulling.begun(connection_id)
    take_turns(8)
    assert (pulling.run_of(run_id).state, len(met)) == (state, 3)
