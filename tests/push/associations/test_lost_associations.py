"""Every primary company that we set stands in one run's log with the one before, and can be undone (B46)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.faults.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.faults.overtaking import answered_before
from tests.support.invariants.both_sides import everything
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import WRITES, change_contact, primary_of, pushed, pushed_record
from tests.support.usecases.undoing import portal_now, undo_of
from webapp.models import AnnouncedAssociation, Connection, Run
from webapp.models.people.users import User
from webapp.store.push import associations as push_companies
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.records import merging
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.one_database

CONTACTS = 6


@pytest.fixture
def moved(with_key: int, sandbox: SandboxServer) -> list[str]:
    """Contacts of one company in HubSpot, which another one has here; their objects."""
    old, new = (
        sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"] for name in ("old", "new")
    )
    made = [
        sandbox.create("contacts", {"email": f"eva{number}@x.de"}, [old])["id"] for number in range(CONTACTS)
    ]
    pulling.pulled(with_key)
    companies = {link.remote_id: link.record_id for link in pulling.links("companies")}
    for contact in pulling.contacts():
        change_contact(contact.id, company_id=companies[new])
    return made


@pytest.fixture
def lost(with_key: int, moved: list[str], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A push that HubSpot has carried out, whose answer was lost, and which was cancelled."""
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_after", path=WRITES["associations"], times=None)
    run = pushed(with_key)
    assert run.state == "running"
    assert len({primary_of(sandbox, one) for one in moved}) == 1
    sandbox.clear_faults()
    lifecycle.cancel(current_services(), run.id)
    return pulling.run_of(run.id)


def _associated(run_id: int) -> list[tuple[Any, ...]]:
    """The primary companies in a log: the contact's object, before and after."""
    return sorted(
        (entry.remote_id, *change[1:])
        for entry in pulling.entries(run_id)
        for change in entry.changes or ()
        if change[0] == "primary_company"
    )


def _ends(sandbox: SandboxServer) -> tuple[str, str]:
    old, new = (link.remote_id for link in pulling.links("companies"))
    return (old, new) if sandbox.get("companies", old)["properties"]["name"] == "old" else (new, old)


def _assert_logged(run_id: int, moved: list[str], sandbox: SandboxServer) -> None:
    """The run's log has each contact once, and no other run's has any."""
    old, new = _ends(sandbox)
    assert _associated(run_id) == sorted((one, old, new) for one in moved)
    assert pulling.run_of(run_id).counts["associations"] == {"updated": CONTACTS}
    others = [run.id for run in pulling.all_rows(Run) if run.id != run_id]
    assert [one for other in others for one in _associated(other)] == []
    assert pulling.all_rows(AnnouncedAssociation) == []
    bases = {
        (link.local_seen["company_id"], link.remote_seen["company_id"]) for link in pulling.links("contacts")
    }
    assert bases == {(pulling.link_of(new, "companies").record_id, new)}


def _reconcile(connection_id: int) -> Run:
    """What was changed since the watermark: none of these, an association changes no object's time."""
    with writing() as session:
        later = datetime.now(UTC) + timedelta(hours=1)
        session.get_one(Connection, connection_id).watermark = later
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=False)
    return pulling.worked_off(started.run_id)


def _red(connection_id: int) -> Run:
    return pushed_record(connection_id, "contacts", pulling.contacts()[0].id)


LOOKS = pytest.mark.parametrize(
    "look", [pushed, _red, pulling.pulled, _reconcile], ids=["push", "red", "pull", "reconcile"]
)


@LOOKS
def test_whoever_looks_next_completes_the_log_of_the_run_that_was_cancelled(
    with_key: int, lost: Run, moved: list[str], sandbox: SandboxServer, look: Callable[[int], Run]
) -> None:
    assert (lost.state, _associated(lost.id)) == ("cancelled", [])
    writes = sandbox.counts()["writes"]
    assert look(with_key).state == "finished"
    assert sandbox.counts()["writes"] == writes
    _assert_logged(lost.id, moved, sandbox)
    assert pulling.run_of(lost.id).last_seq == len(pulling.entries(lost.id))
    look(with_key)
    _assert_logged(lost.id, moved, sandbox)


def test_the_same_runs_next_slice_completes_its_log(
    with_key: int, moved: list[str], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_after", path=WRITES["associations"], times=5)
    run = finished_in_the_end(pushed(with_key))
    _assert_logged(run.id, moved, sandbox)


@pytest.mark.every_database
def test_a_worker_killed_behind_the_call_loses_no_entry(
    with_key: int, moved: list[str], sandbox: SandboxServer
) -> None:
    with killed_after(push_companies, "write", 1), pytest.raises(PowerCutError):
        pushed(with_key)
    [run] = [one for one in pulling.all_rows(Run) if one.state == "running"]
    assert pulling.worked_off(run.id).state == "finished"
    _assert_logged(run.id, moved, sandbox)


@pytest.mark.every_database
def test_a_lost_call_that_comes_in_while_the_next_slice_reads_loses_no_entry(
    with_key: int, moved: list[str], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HubSpot goes on with a call when the process that made it has ended."""
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_before", path=WRITES["associations"], times=None)
    run = pushed(with_key)
    sandbox.clear_faults()
    _, new = _ends(sandbox)

    def work_on() -> None:
        finished_in_the_end(run)

    with answered_before(sandbox, work_on, method="POST", path="*/associations/*/batch/read"):
        for one in moved:
            sandbox.update("contacts", one, {}, companies=[new])
    _assert_logged(run.id, moved, sandbox)


def test_what_never_took_effect_is_in_no_log(
    with_key: int, moved: list[str], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_before", path=WRITES["associations"], times=None)
    cancelled = pushed(with_key)
    lifecycle.cancel(current_services(), cancelled.id)
    sandbox.clear_faults()
    assert len(pulling.all_rows(AnnouncedAssociation)) == CONTACTS
    run = pushed(with_key)
    _assert_logged(run.id, moved, sandbox)
    assert "associations" not in pulling.run_of(cancelled.id).counts


@pytest.mark.every_database
def test_undo_of_the_run_puts_back_what_its_log_lacks(
    with_key: int, lost: Run, moved: list[str], sandbox: SandboxServer
) -> None:
    old, new = _ends(sandbox)
    before = everything(sandbox)
    preview = undo_of(lost.id, is_preview=True)
    assert everything(sandbox) == before
    undo_run = undo_of(lost.id)
    assert preview.counts == undo_run.counts == {"associations": {"updated": CONTACTS}}
    assert {primary_of(sandbox, one) for one in moved} == {old}
    assert _associated(undo_run.id) == sorted((one, new, old) for one in moved)
    assert [one.changes for one in pulling.entries(preview.id)] == [
        one.changes for one in pulling.entries(undo_run.id)
    ]
    assert with_key


def test_undo_of_a_company_that_was_moved_on_since_leaves_it(
    lost: Run, moved: list[str], sandbox: SandboxServer
) -> None:
    third = sandbox.create("companies", {"name": "third"})["id"]
    sandbox.update("contacts", moved[0], {}, companies=[third])
    undo_run = undo_of(lost.id)
    assert primary_of(sandbox, moved[0]) == third
    assert undo_run.counts["associations"]["updated"] == CONTACTS - 1


@pytest.mark.every_database
def test_a_contact_that_was_merged_since_is_logged_as_the_one_it_lives_on_as(
    with_key: int, lost: Run, moved: list[str], sandbox: SandboxServer, administrator: User
) -> None:
    old, new = _ends(sandbox)
    found = merging.preview(current_services(), "contacts", 2, 1)
    merging.merge(current_services(), "contacts", 2, 1, found.versions, user_id=administrator.id)
    pulling.pulled(with_key)
    assert _associated(lost.id) == sorted((one, old, new) for one in moved)
    assert sorted(entry.record_id or 0 for entry in pulling.entries(lost.id)) == [2, 2, 3, 4, 5, 6]
    assert pulling.all_rows(AnnouncedAssociation) == []
    undo_of(lost.id)
    assert {primary_of(sandbox, one) for one in moved} == {old}


@pytest.mark.every_database
def test_a_cancelled_undo_whose_answer_was_lost_gets_its_log_too(
    with_key: int, lost: Run, moved: list[str], sandbox: SandboxServer
) -> None:
    old, new = _ends(sandbox)
    sandbox.fault("cut_after", path=WRITES["associations"], times=None)
    undo_run = undo_of(lost.id)
    assert undo_run.state == "running"
    lifecycle.cancel(current_services(), undo_run.id)
    sandbox.clear_faults()
    _reconcile(with_key)
    assert _associated(undo_run.id) == sorted((one, new, old) for one in moved)
    assert {one.reason for one in pulling.entries(undo_run.id)} == {"undone_association"}
    assert undo_of(undo_run.id).counts["associations"] == {"updated": CONTACTS}
    assert {primary_of(sandbox, one) for one in moved} == {new}


@pytest.fixture
def new_contact(with_key: int) -> int:
    """A company that is linked, and a contact of it that HubSpot has not."""
    company = make_company(name="Acme", domain="acme.de")
    pushed(with_key)
    return make_contact(company.id, first_name="Ana", email="ana@acme.de").id


def test_an_object_made_with_its_company_is_logged_with_it(
    with_key: int, new_contact: int, sandbox: SandboxServer
) -> None:
    run = pushed(with_key)
    [link] = pulling.links("contacts")
    company = pulling.links("companies")[0].remote_id
    assert (link.record_id, _associated(run.id)) == (new_contact, [(link.remote_id, None, company)])
    assert run.counts["associations"] == {"unchanged": 1}
    assert pulling.all_rows(AnnouncedAssociation) == []
    undo_of(run.id, archives=True)
    assert portal_now(sandbox)["contacts"] == []


def test_an_object_made_with_its_company_in_a_lost_answer_is_logged_with_it(
    with_key: int, new_contact: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulling.hasty_retries(monkeypatch)
    sandbox.fault("cut_after", path=WRITES["contacts"], times=1)
    run = finished_in_the_end(pushed(with_key))
    [link] = pulling.links("contacts")
    company = pulling.links("companies")[0].remote_id
    assert (link.record_id, _associated(run.id)) == (new_contact, [(link.remote_id, None, company)])
    assert run.counts["associations"] == {"updated": 1}
    assert pulling.all_rows(AnnouncedAssociation) == []


def test_a_refused_create_leaves_no_announcement(
    with_key: int, new_contact: int, sandbox: SandboxServer
) -> None:
    """The portal has the address already: the record is linked to that object, whose company is its own."""
    company = pulling.links("companies")[0].remote_id
    contact = sandbox.create("contacts", {"email": "other@acme.de"}, [company])["id"]
    sandbox.update("contacts", contact, {"hs_additional_emails": "ana@acme.de"})
    run = pushed(with_key)
    assert [link.record_id for link in pulling.links("contacts")] == [new_contact]
    assert (_associated(run.id), pulling.all_rows(AnnouncedAssociation)) == ([], [])
