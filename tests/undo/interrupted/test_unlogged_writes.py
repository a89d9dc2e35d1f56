"""What a killed push did gets into its log, whoever finds it, and an undo leaves none behind (B46)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.faults.kills import changes_of_a_killed_push, finished_in_the_end, push_killed_when_sent
from tests.support.samples import shop
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, change_contact, objects, pushed, pushed_record
from tests.support.usecases.undoing import undo_of
from webapp.domain.webhooks.events import read_events
from webapp.models import AnnouncedUpdate, InboxEvent, LogEntry, Run
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle


def _reconciled(_connection_id: int, _sandbox: SandboxServer) -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    pulling.worked_off(started.run_id)


def _refreshed(connection_id: int, sandbox: SandboxServer) -> None:
    """A webhook event says of every contact that it was made, another one that it was changed."""
    items = [
        webhook_event(name, one["id"], **fields)
        for one in objects(sandbox, "contacts")
        for name, fields in (
            ("contact.creation", {}),
            ("contact.propertyChange", {"propertyName": "city", "propertyValue": "Ulm"}),
        )
    ]
    with writing() as session:
        events = read_events(items).events
        inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
    bound_jobs().begin_refresh(connection_id)
    [run] = pulling.all_rows(Run, kind="refresh")
    assert pulling.worked_off(run.id).state == "finished"
    assert not pulling.all_rows(InboxEvent)


def _logged_of(run_id: int, outcome: str) -> dict[int | None, str | None]:
    """The contacts of which a run's log tells so, with their objects; each once."""
    entries: list[LogEntry] = [
        one for one in pulling.entries(run_id) if (one.object_type, one.outcome) == ("contacts", outcome)
    ]
    found = {one.record_id: one.remote_id for one in entries}
    assert len(found) == len(entries)
    return found


FINDERS: dict[str, Callable[[int, SandboxServer], object]] = {
    "pull": lambda connection_id, _: pulling.pulled(connection_id),
    "reconcile": _reconciled,
    "event": _refreshed,
    "push": lambda connection_id, _: pushed(connection_id),
    "record": lambda connection_id, _: [
        pushed_record(connection_id, "contacts", one.id) for one in pulling.contacts()
    ],
}


# All of them complete the log by the same statements.
FOUND = pytest.mark.parametrize(
    "finder",
    [
        pytest.param(name, marks=[] if name in {"pull", "push"} else [pytest.mark.one_database])
        for name in FINDERS
    ],
)


@FOUND
def test_whoever_finds_what_a_killed_push_made_completes_its_log(
    connection_id: int, sandbox: SandboxServer, finder: str
) -> None:
    pulling.pulled(connection_id)
    shop.fill(2, 8)
    run_id = push_killed_when_sent(connection_id)
    assert lifecycle.cancel(current_services(), run_id)
    made = {one["id"] for one in objects(sandbox, "contacts")}
    assert len(made) == 8
    assert _logged_of(run_id, "created") == {}
    FINDERS[finder](connection_id, sandbox)
    logged = _logged_of(run_id, "created")
    assert set(logged.values()) == made
    assert logged == {one.record_id: one.remote_id for one in pulling.links("contacts")}
    assert pulling.run_of(run_id).counts["contacts"] == {"created": 8}
    assert not announced()
    entries = pulling.all_rows(LogEntry, object_type="contacts")
    others = [one for one in entries if one.run_id != run_id]
    assert not [one for one in others if one.outcome == "created"]
    undo_of(run_id, archives=True)
    assert objects(sandbox, "contacts") == objects(sandbox, "companies") == []
    assert pulling.links() == []


@pytest.mark.parametrize("is_previewed", [False, True])
def test_an_undo_looks_up_what_its_run_may_have_made(
    connection_id: int, sandbox: SandboxServer, *, is_previewed: bool
) -> None:
    pulling.pulled(connection_id)
    shop.fill(2, 8)
    run_id = push_killed_when_sent(connection_id)
    assert lifecycle.cancel(current_services(), run_id)
    if is_previewed:
        preview = undo_of(run_id, archives=True, is_preview=True)
        assert preview.counts["contacts"] == {"updated": 8}
        assert len(objects(sandbox, "contacts")) == 8
    undo_run = undo_of(run_id, archives=True)
    assert undo_run.counts["contacts"] == {"updated": 8}
    assert objects(sandbox, "contacts") == objects(sandbox, "companies") == []
    assert pulling.links() == []
    assert not announced()


def test_a_push_that_goes_on_tells_of_what_it_made_once(connection_id: int, sandbox: SandboxServer) -> None:
    """Pushes of the contacts find them before the sweep's next slice has come to work."""
    pulling.pulled(connection_id)
    shop.fill(2, 8)
    run_id = push_killed_when_sent(connection_id)
    lifecycle.enqueue_next_slice(current_services(), run_id, pulling.run_of(run_id).fence)
    for one in pulling.contacts():
        pushed_record(connection_id, "contacts", one.id)
    run = finished_in_the_end(pulling.worked_off(run_id))
    assert run.counts["contacts"] == {"created": 8}
    assert len(_logged_of(run_id, "created")) == 8
    assert len(objects(sandbox, "contacts")) == 8


@FOUND
def test_whoever_finds_what_a_killed_push_changed_completes_its_log(
    connection_id: int, sandbox: SandboxServer, finder: str
) -> None:
    run_id = changes_of_a_killed_push(connection_id, 4)
    assert {one["city"] for one in objects(sandbox, "contacts", "city")} == {"Ulm"}
    FINDERS[finder](connection_id, sandbox)
    assert len(_logged_of(run_id, "updated")) == 4
    assert pulling.run_of(run_id).counts["contacts"] == {"updated": 4}
    assert [one.changes for one in pulling.entries(run_id)] == [[["city", None, "Ulm"]]] * 4
    assert not pulling.all_rows(AnnouncedUpdate)
    undo_of(run_id)
    assert {one.get("city") for one in objects(sandbox, "contacts", "city")} == {None}


def test_an_undo_looks_up_what_its_run_may_have_changed(connection_id: int, sandbox: SandboxServer) -> None:
    run_id = changes_of_a_killed_push(connection_id, 4)
    undo_run = undo_of(run_id)
    assert undo_run.counts["contacts"] == {"updated": 4}
    assert len(_logged_of(run_id, "updated")) == 4
    assert {one.get("city") for one in objects(sandbox, "contacts", "city")} == {None}
    assert not pulling.all_rows(AnnouncedUpdate)


@pytest.mark.usefixtures("sandbox")
def test_an_update_that_hubspot_refused_is_never_logged(connection_id: int) -> None:
    """Not even when somebody sets the same value in HubSpot afterwards."""
    shop.fill(1, 2)
    pushed(connection_id)
    change_contact(1, email="no address")
    refused = pushed(connection_id)
    assert refused.counts["contacts"]["failed"] == 1
    assert not pulling.all_rows(AnnouncedUpdate)
    change_contact(1, email="person0@firm0.de", city="Ulm")
    again = pushed(connection_id)
    assert [one.changes for one in pulling.entries(again.id)] == [[["city", None, "Ulm"]]]
