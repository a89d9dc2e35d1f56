"""Clocks that jump in the middle of something, of the web or of the workers alone or of both (B44, B45)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.applications.turns import take_turns
from tests.support.samples import shop
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from tests.support.usecases.importing import import_of, uploaded
from tests.support.usecases.pushing import connected_with_key, objects, pushed
from tests.support.usecases.undoing import undo_of
from webapp.models import AnnouncedCreate, FailingRecord, OutboxRecord, Run
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database

_JUMPS = {
    "an hour back": timedelta(hours=-1),
    "a day ahead": timedelta(days=1),
    "four months ahead": timedelta(days=120),
}
_COMPANIES, _CONTACTS = 3, 9


@contextmanager
def _clock_off_by(jump: timedelta) -> Iterator[None]:
    """The clock goes on from another time; HubSpot's, in a process of its own, stays right."""
    with time_machine.travel(datetime.now(UTC) + jump, tick=True):
        yield


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> int:
    """A portal with our unique property; slices end after a page, and pages are short."""
    assert in_app
    pulling.short_slices(monkeypatch)
    pulling.short_pages(monkeypatch, 2)
    return connected_with_key(sandbox)


def _fill(sandbox: SandboxServer) -> None:
    for number in range(_COMPANIES):
        firm = sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})["id"]
        for person in range(_CONTACTS // _COMPANIES):
            sandbox.create("contacts", {"email": f"p{person}@firm{number}.de"}, [str(firm)])


def _ended(run_id: int) -> Run:
    """The run at its end, with whatever the schedule takes up."""
    for _ in range(20):
        run = pulling.worked_off(run_id)
        if run.state not in ("queued", "running"):
            return run
        current_services().redis.flushall()
        lifecycle.sweep(current_services())
    raise AssertionError(f"run {run_id} waits for {run.waiting_for} until {run.not_before}")


def _at_rest(connection_id: int, sandbox: SandboxServer) -> None:
    for kind, records in (("companies", pulling.companies()), ("contacts", pulling.contacts())):
        assert len(objects(sandbox, kind)) == len(records) == len(pulling.links(kind))
    for table in (FailingRecord, OutboxRecord, AnnouncedCreate):
        assert not pulling.all_rows(table)
    for run in (pulling.pulled(connection_id), pushed(connection_id)):
        assert {outcome for some in run.counts.values() for outcome in some} == {"unchanged"}


@pytest.mark.parametrize("jump", list(_JUMPS))
@pytest.mark.parametrize("kind", ["pull", "push"])
def test_a_run_goes_on_whose_clock_jumps_and_goes_back(
    connection_id: int, sandbox: SandboxServer, kind: str, jump: str
) -> None:
    if kind == "pull":
        _fill(sandbox)
    else:
        shop.fill(_COMPANIES, _CONTACTS)
    run_id = pulling.begun(connection_id, kind)
    pulling.one_slice(run_id)
    with _clock_off_by(_JUMPS[jump]):
        pulling.one_slice(run_id)
        pulling.one_slice(run_id)
    assert _ended(run_id).state == "finished"
    _at_rest(connection_id, sandbox)


@pytest.mark.parametrize("jump", list(_JUMPS))
def test_a_worker_killed_under_another_clock_is_missed(
    connection_id: int, sandbox: SandboxServer, jump: str
) -> None:
    _fill(sandbox)
    run_id = pulling.begun(connection_id)
    with _clock_off_by(_JUMPS[jump]):
        pulling.one_slice(run_id)
    # Its job and its beat are lost, and it says that it was at work at another time.
    current_services().redis.flushall()
    fence = pulling.run_of(run_id).fence
    with _clock_off_by(timedelta(seconds=10)):
        lifecycle.sweep(current_services())
        assert pulling.run_of(run_id).fence > fence
        assert _ended(run_id).state == "finished"
    _at_rest(connection_id, sandbox)


@pytest.mark.parametrize("jump", list(_JUMPS))
@pytest.mark.parametrize("who", ["web", "worker"])
def test_an_edit_reaches_hubspot_and_keeps_what_was_changed_there(
    connection_id: int, sandbox: SandboxServer, who: str, jump: str
) -> None:
    """The web and the workers go by different clocks."""
    _fill(sandbox)
    pulling.pulled(connection_id)
    with _clock_off_by(_JUMPS[jump] if who == "web" else timedelta()):
        edit_record("contacts", 1, city="Ulm")
    with _clock_off_by(_JUMPS[jump] if who == "worker" else timedelta()):
        take_turns()
        edit_record("contacts", 2, city="Bonn")
        take_turns()
    take_turns()
    cities = {one.get("city") for one in objects(sandbox, "contacts", "city")}
    assert cities == {"Ulm", "Bonn", None}
    assert not pulling.all_rows(OutboxRecord)


@pytest.mark.parametrize("jump", list(_JUMPS))
def test_what_changes_in_hubspot_is_found_while_the_clock_is_wrong_and_afterwards(
    connection_id: int, sandbox: SandboxServer, jump: str
) -> None:
    _fill(sandbox)
    pulling.pulled(connection_id)
    first, second = (link.remote_id for link in pulling.links("contacts")[:2])
    with _clock_off_by(_JUMPS[jump]):
        sandbox.update("contacts", first, {"city": "Ulm"})
        _minutes_pass()
    sandbox.update("contacts", second, {"city": "Bonn"})
    _minutes_pass()
    assert [pulling.contact(number).city for number in (1, 2)] == ["Ulm", "Bonn"]


def _minutes_pass() -> None:
    """The schedule acts for a quarter of an hour."""
    for minutes in (0, 5, 11, 15):
        with _clock_off_by(timedelta(minutes=minutes)):
            take_turns()


@pytest.mark.parametrize("jump", list(_JUMPS))
def test_the_log_and_an_uploaded_file_are_there_after_the_clock_was_wrong(
    connection_id: int, sandbox: SandboxServer, jump: str
) -> None:
    pulling.pulled(connection_id)
    make_company(name="Acme", domain="acme.de")
    run = pushed(connection_id)
    import_id = uploaded("companies", "name\nBora\n")
    with _clock_off_by(_JUMPS[jump]):
        take_turns()
    assert import_of(import_id).id == import_id
    assert pulling.entries(run.id)
    assert undo_of(run.id, archives=True).state == "finished"
    assert not objects(sandbox, "companies")


def test_what_waits_is_given_up_by_no_clock_that_jumps(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    _fill(sandbox)
    sandbox.fault("status", status=503, path="/crm/*", times=None)
    run_id = pulling.begun(connection_id)
    assert pulling.worked_off(run_id).waiting_for == "hubspot_unreachable"
    with _clock_off_by(timedelta(days=2)):
        pulling.wait_is_over(run_id)
    assert pulling.run_of(run_id).state == "running"
    sandbox.clear_faults()
    assert pulling.wait_is_over(run_id).state == "finished"
    assert len(pulling.contacts()) == _CONTACTS
