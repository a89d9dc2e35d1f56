"""Edits here go to HubSpot by themselves: only what changed, once, and nothing is lost (B6, B22)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.applications.turns import take_turns
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit, edit_once_read
from tests.support.usecases.pushing import objects, pushed, pushed_record
from webapp.models import Connection, OutboxRecord, Run, User
from webapp.usecases.connection import connect
from webapp.usecases.records import editing

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def contact(connection_id: int, sandbox: SandboxServer) -> str:
    """A contact of one company, here and in HubSpot."""
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    values = {"firstname": "Eva", "lastname": "Roth", "email": "eva@n.de", "phone": "1"}
    number = str(sandbox.create("contacts", values, [company])["id"])
    pulling.pulled(connection_id)
    return number


def _unsent() -> list[int]:
    return [row.record_id for row in pulling.all_rows(OutboxRecord)]


def _sent(connection_id: int) -> Run | None:
    """Let the worker send what waits; the run that did."""
    bound_jobs().begin_auto_push(connection_id)
    found = [run for run in pulling.all_rows(Run) if run.kind == "auto_push"]
    return pulling.worked_off(found[-1].id) if found else None


def _there(sandbox: SandboxServer, number: str) -> dict[str, Any]:
    properties: dict[str, Any] = sandbox.get("contacts", number)["properties"]
    return properties


def test_an_edit_is_sent_and_a_change_of_another_field_there_survives(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    edit(phone="+49 228 7")
    assert _unsent() == [1]
    sandbox.update("contacts", contact, {"lastname": "Changed there"})
    run = _sent(connection_id)
    assert run is not None
    assert (run.state, run.trigger, run.counts["contacts"]) == ("finished", "edit", {"updated": 1})
    assert [one.changes for one in pulling.entries(run.id) if one.changes] == [[["phone", "1", "+49 228 7"]]]
    assert (_there(sandbox, contact)["phone"], _there(sandbox, contact)["lastname"]) == (
        *("+49 228 7",),
        "Changed there",
    )
    assert not _unsent()


@pytest.mark.every_database
def test_several_edits_are_one_write_and_a_later_one_is_sent_in_the_same_hours_run(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    for number in range(5):
        edit(phone=f"+49 228 {number}")
    before = sandbox.counts()["writes"]
    first = _sent(connection_id)
    assert sandbox.counts()["writes"] - before == 1
    edit(phone="+49 228 9")
    second = _sent(connection_id)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert _there(sandbox, contact)["phone"] == "+49 228 9"


def test_what_came_from_hubspot_is_not_sent_back(
    connection_id: int, contact: str, sandbox: SandboxServer, hubspot: FlaskClient
) -> None:
    sandbox.update("contacts", contact, {"phone": "9"})
    changed = webhook_event("contact.propertyChange", contact, propertyName="phone", propertyValue="9")
    deliver(hubspot, [changed])
    bound_jobs().begin_refresh(connection_id)
    pulling.worked_off(max(run.id for run in pulling.all_rows(Run)))
    assert pulling.contacts()[0].phone == "9"
    assert not _unsent()
    assert _sent(connection_id) is None


def test_a_change_there_just_before_our_own_write_is_not_taken_for_known(
    connection_id: int, contact: str, sandbox: SandboxServer, hubspot: FlaskClient
) -> None:
    """The answer to our write is newer than that change, and yet says nothing of it."""
    sandbox.update("contacts", contact, {"lastname": "There"})
    earlier = int((time.time() - 1) * 1000)
    edit(phone="+49 228 7")
    _sent(connection_id)
    late = {"propertyName": "lastname", "propertyValue": "There", "occurredAt": earlier}
    deliver(hubspot, [webhook_event("contact.propertyChange", contact, **late)])
    bound_jobs().begin_refresh(connection_id)
    pulling.worked_off(max(run.id for run in pulling.all_rows(Run)))
    assert pulling.contacts()[0].last_name == "There"


@pytest.mark.every_database
@pytest.mark.usefixtures("contact")
def test_a_record_that_is_only_here_waits_for_a_push(connection_id: int) -> None:
    editing.create(
        current_services(), "contacts", {"last_name": "New", "email": "new@n.de", "company_id": "1"}
    )
    edit(2, first_name="Newer")
    assert not _unsent()
    assert _sent(connection_id) is None


@pytest.mark.parametrize("switches", [{"push_contacts": False}, {"paused": True}])
def test_a_switch_keeps_edits_back_and_loses_none(
    connection_id: int, contact: str, sandbox: SandboxServer, switches: dict[str, bool]
) -> None:
    with writing() as session:
        session.get_one(Connection, connection_id).automatic = switches
    edit(phone="+49 228 7")
    assert _sent(connection_id) is None
    with writing() as session:
        session.get_one(Connection, connection_id).automatic = {}
    _sent(connection_id)
    assert _there(sandbox, contact)["phone"] == "+49 228 7"


def test_an_edit_made_while_disconnected_waits_and_is_sent_once_connected_again(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    connect.disconnect(current_services(), connection_id)
    edit(phone="+49 228 7")
    assert _unsent() == [1]
    assert _sent(connection_id) is None
    assert pulling.connected() == connection_id
    take_turns(2)
    assert (_there(sandbox, contact)["phone"], _unsent()) == ("+49 228 7", [])


@pytest.mark.usefixtures("contact")
def test_a_record_made_while_disconnected_is_created_later_where_that_is_on(
    connection_id: int, sandbox: SandboxServer
) -> None:
    with writing() as session:
        session.get_one(Connection, connection_id).automatic = {"create": True}
    connect.disconnect(current_services(), connection_id)
    editing.create(
        current_services(), "contacts", {"last_name": "New", "email": "new@n.de", "company_id": "1"}
    )
    assert pulling.connected() == connection_id
    take_turns(2)
    assert {one["email"] for one in objects(sandbox, "contacts", "email")} == {"eva@n.de", "new@n.de"}


@pytest.mark.usefixtures("contact")
def test_the_page_of_a_disconnected_portal_says_how_many_edits_wait(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    connect.disconnect(current_services(), connection_id)
    edit(phone="+49 228 7")
    page = logged_in(administrator).get("/integrations/hubspot").text
    assert "1 record edited here waits to be sent once it is connected again." in page


@pytest.mark.every_database
def test_an_edit_during_the_push_is_sent_by_the_next(
    connection_id: int, contact: str, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(phone="+49 228 1")
    later = edit_once_read(monkeypatch, "+49 228 2")
    _sent(connection_id)
    assert not later
    assert (_there(sandbox, contact)["phone"], _unsent()) == ("+49 228 2", [])


@pytest.mark.every_database
@pytest.mark.usefixtures("contact")
@pytest.mark.parametrize("button", ["blue", "red"])
def test_a_push_by_hand_sends_what_waits(connection_id: int, button: str) -> None:
    edit(phone="+49 228 7")
    if button == "blue":
        pushed(connection_id)
    else:
        pushed_record(connection_id, "contacts", 1)
    assert not _unsent()


@pytest.mark.every_database
@pytest.mark.usefixtures("connection_id")
def test_a_pull_asks_first_and_can_send_the_edits_before(
    contact: str, sandbox: SandboxServer, logged_in: LogIn, administrator: User
) -> None:
    edit(phone="+49 228 7")
    pages = logged_in(administrator)
    answer = pages.post("/runs", data={"kind": "pull"})
    assert (answer.status_code, answer.location) == (303, "/runs/pull")
    assert "1 record edited here was not sent" in pages.get("/runs/pull").text
    pages.post("/runs", data={"kind": "pull", "confirmed": "yes", "send_first": "yes"})
    for run in pulling.all_rows(Run):
        pulling.worked_off(run.id)
    assert [run.kind for run in pulling.all_rows(Run)][-2:] == ["push", "pull"]
    assert (_there(sandbox, contact)["phone"], pulling.contacts()[0].phone) == ("+49 228 7", "+49 228 7")


@pytest.mark.usefixtures("contact")
def test_a_pull_that_overwrites_edits_says_so(connection_id: int) -> None:
    edit(phone="+49 228 7")
    run = pulling.pulled(connection_id)
    [entry] = [one for one in pulling.entries(run.id) if one.changes]
    assert (entry.reason, entry.changes) == ("overtaken_by_pull", [["phone", "+49 228 7", "1"]])
    assert not _unsent()


@pytest.mark.every_database
def test_an_edit_made_while_a_pull_works_is_not_overwritten(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    """Nobody who asked for the Pull was told of it."""
    run_id = pulling.begun(connection_id)
    edit(phone="+49 228 7")
    run = pulling.worked_off(run_id)
    assert [one.reason for one in pulling.entries(run.id)] == ["edited_meanwhile"]
    assert pulling.contacts()[0].phone == "+49 228 7"
    _sent(connection_id)
    assert _there(sandbox, contact)["phone"] == "+49 228 7"


def test_an_edit_for_which_hubspot_has_no_data_outlives_a_pull(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    edit(phone="+49 228 7", city="Bonn")
    pulling.pulled(connection_id)
    assert _unsent() == [1]
    _sent(connection_id)
    assert _there(sandbox, contact)["city"] == "Bonn"


@pytest.mark.usefixtures("contact")
def test_the_switches_are_set_on_the_page(connection_id: int, logged_in: LogIn, administrator: User) -> None:
    pages = logged_in(administrator)
    assert pages.post("/integrations/hubspot/automatic", data={"push_companies": "on"}).status_code == 303
    switches = pulling.connection_of(connection_id).automatic
    assert switches == {
        "paused": False,
        "push_companies": True,
        "push_contacts": False,
        "create": False,
    }
