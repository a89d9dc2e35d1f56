"""No sync brings a deleted record back, and HubSpot keeps its object (B24, B55)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.deleting import deleted
from tests.support.usecases.pushing import change_contact, pushed, pushed_record
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.domain.webhooks.events import read_events
from webapp.models import ContactAddress, Link, OutboxRecord, RemoteObject, Run
from webapp.store.links import gone
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile


def _firm(sandbox: SandboxServer, **contact: str) -> tuple[str, str]:
    """A company with a contact in HubSpot."""
    firm = str(sandbox.create("companies", {"name": "Nord", "domain": "nord.de"})["id"])
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@nord.de", **contact}
    return firm, str(sandbox.create("contacts", values, [firm])["id"])


def _refreshed(connection_id: int, event: str, remote_id: str, **fields: object) -> Run:
    """A webhook event arrives, and its refresh is worked off; the next is that of another hour."""
    events = read_events([webhook_event(event, remote_id, **fields)]).events
    with writing() as session:
        inbox.add(session, [(connection_id, one) for one in events], datetime.now(UTC))
    bound_jobs().begin_refresh(connection_id)
    run = pulling.worked_off([one for one in pulling.all_rows(Run) if one.kind == "refresh"][-1].id)
    pulling.change(run.id, created_at=run.created_at - timedelta(hours=1))
    return run


def _found_gone(connection_id: int, remote_id: str) -> None:
    """A comparison had listed the object, and found it deleted when it looked closer."""
    run_id = pulling.begun(connection_id)
    with writing() as session:
        run = lock_run(session, run_id, pulling.run_of(run_id).fence)
        gone.mark(session, run, "contacts", [remote_id], checkpoint=Checkpoint({}), now=datetime.now(UTC))
    pulling.worked_off(run_id)


def _compared() -> Run:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    return pulling.worked_off(started.run_id)


def test_neither_pull_nor_event_nor_comparison_brings_it_back(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    there = portal_now(sandbox)
    run = deleted("contacts", 1)
    assert (run.kind, run.state, run.counts) == ("delete_record", "finished", {"contacts": {"updated": 1}})
    assert pulling.outcomes(run.id) == [(eva, "updated", "deleted_here")]
    assert pulling.contacts() == []
    assert [one.object_type for one in pulling.links()] == ["companies"]
    assert portal_now(sandbox) == there, "HubSpot is not touched"
    assert (eva, "skipped", "deleted_here") in pulling.outcomes(pulling.pulled(connection_id).id)
    sandbox.update("contacts", eva, {"city": "Ulm"})
    event = _refreshed(connection_id, "contact.propertyChange", eva, propertyName="city")
    assert pulling.outcomes(event.id) == [(eva, "skipped", "deleted_here")]
    _compared()
    assert "contacts" not in pushed(connection_id).counts
    assert pulling.contacts() == []
    assert pulling.left_out_of(eva).reason == "deleted_here"


@pytest.mark.one_database
def test_what_hubspot_deletes_and_restores_stays_away(connection_id: int, sandbox: SandboxServer) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    deleted("contacts", 1)
    sandbox.archive("contacts", eva)
    _refreshed(connection_id, "contact.deletion", eva)
    _compared()
    _found_gone(connection_id, eva)
    assert pulling.left_out_of(eva).reason == "deleted_here"
    sandbox.restore("contacts", eva)
    _refreshed(connection_id, "contact.restore", eva)
    pulling.pulled(connection_id)
    assert pulling.contacts() == []


@pytest.mark.one_database
def test_the_tombstone_follows_a_merge_in_hubspot(connection_id: int, sandbox: SandboxServer) -> None:
    firm, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    deleted("contacts", 1)
    other = str(sandbox.create("contacts", {"firstname": "Ewa", "email": "ewa@nord.de"}, [firm])["id"])
    survivor = str(sandbox.merge("contacts", eva, other, new_id=True)["id"])
    run = pulling.pulled(connection_id)
    assert (survivor, "skipped", "deleted_here") in pulling.outcomes(run.id)
    assert [one.remote_id for one in pulling.left_out("contacts")] == [survivor]
    assert pulling.contacts() == []
    pulling.decided(pulling.left_out_of(survivor).id, "import")
    assert pulling.link_of(survivor).record_id == pulling.contacts()[0].id


@pytest.mark.one_database
def test_a_person_brings_it_back(connection_id: int, sandbox: SandboxServer) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    deleted("contacts", 1)
    pulling.decided(pulling.left_out_of(eva).id, "import")
    [back] = pulling.contacts()
    assert (back.id > 1, back.last_name) == (True, "Roth")
    assert pulling.link_of(eva).record_id == back.id
    assert pulling.left_out() == []


def test_a_new_record_that_is_the_same_takes_the_object_when_it_is_pushed(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    deleted("contacts", 1)
    again = make_contact(1, first_name="Eva", last_name="Roth", email="eva@nord.de")
    pushed_record(connection_id, "contacts", again.id)
    assert pulling.link_of(eva).record_id == again.id
    assert pulling.left_out() == []
    assert len(portal_now(sandbox)["contacts"]) == 1


def test_an_undo_restores_the_record_with_all_that_hung_on_it(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _, eva = _firm(sandbox, hs_additional_emails="e.roth@nord.de")
    pulling.pulled(connection_id)
    before, link = pulling.contact(1), pulling.link_of(eva)
    run = deleted("contacts", 1)
    undo = undo_of(run.id)
    assert pulling.outcomes(undo.id) == [(eva, "created", "undone_revived")]
    assert undo.api_calls == 0, "nothing is asked of HubSpot"
    back = pulling.contact(1)
    kept = ("uuid", "first_name", "last_name", "email", "company_id", "custom", "created_at", "is_active")
    assert [getattr(back, name) for name in kept] == [getattr(before, name) for name in kept]
    assert back.version > before.version
    assert [one.email_key for one in pulling.all_rows(ContactAddress)] == ["e.roth@nord.de"]
    again = pulling.link_of(eva)
    same = ("record_id", "state", "local_seen", "remote_seen", "remote_updated_at", "linked_at", "pulled_at")
    assert [getattr(again, name) for name in same] == [getattr(link, name) for name in same]
    assert pulling.left_out() == []
    sandbox.update("contacts", eva, {"city": "Ulm"})
    pulling.pulled(connection_id)
    assert pulling.contact(1).city == "Ulm"


@pytest.mark.one_database
def test_an_undo_in_turn_undone_deletes_it_again_for_good(connection_id: int, sandbox: SandboxServer) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    undo_of(undo_of(deleted("contacts", 1).id).id)
    assert pulling.contacts() == []
    assert pulling.left_out_of(eva).reason == "deleted_here"
    pulling.pulled(connection_id)
    assert pulling.contacts() == []


@pytest.mark.one_database
def test_an_undo_leaves_the_object_where_another_record_has_it_by_now(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _, eva = _firm(sandbox)
    pulling.pulled(connection_id)
    run = deleted("contacts", 1)
    pulling.decided(pulling.left_out_of(eva).id, "import")
    owner = pulling.link_of(eva).record_id
    undo_of(run.id)
    assert sorted(one.id for one in pulling.contacts()) == [1, owner]
    assert pulling.link_of(eva).record_id == owner


@pytest.mark.one_database
def test_an_edit_that_was_not_sent_is_sent_once_it_is_back(
    connection_id: int, sandbox: SandboxServer
) -> None:
    _firm(sandbox)
    pulling.pulled(connection_id)
    change_contact(1, city="Kiel")
    run = deleted("contacts", 1)
    assert pulling.all_rows(OutboxRecord) == []
    undo_of(run.id)
    assert [one.record_id for one in pulling.all_rows(OutboxRecord)] == [1]


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_a_record_that_was_never_linked_leaves_no_tombstone() -> None:
    here = make_company(name="Nur hier")
    run = deleted("companies", here.id)
    assert (pulling.companies(), pulling.all_rows(RemoteObject), pulling.all_rows(Link)) == ([], [], [])
    undo_of(run.id)
    assert [one.name for one in pulling.companies()] == ["Nur hier"]
