"""The guard against mass changes asks one question for a portal and a direction, of all runs (B51)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.quiet_portal import Portal
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import primary_of
from webapp.domain.runs import mass_change as guard
from webapp.models import LogEntry, Run
from webapp.store.runs import queries
from webapp.usecases.links import switch
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, mass_change

pytestmark = pytest.mark.one_database

Refreshing = Callable[..., Run]


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer) -> Portal:
    """Six contacts of one company."""
    return Portal(connection_id, sandbox, contacts=6)


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at three records already."""
    monkeypatch.setattr(guard, "FEWEST", 3)


@pytest.fixture
def refreshed(portal: Portal, hubspot: FlaskClient) -> Refreshing:
    """Changes contacts in HubSpot, which says so, and works the refresh off."""

    def refresh(*numbers: int, phone: str = "9") -> Run:
        for number in numbers:
            portal.sandbox.update("contacts", portal.contacts[number], {"phone": phone})
        deliver(hubspot, [_changed(portal.contacts[number]) for number in numbers])
        bound_jobs().begin_refresh(portal.connection_id)
        return _worked_off("refresh")

    return refresh


def _changed(number: str) -> dict[str, object]:
    return webhook_event("contact.propertyChange", number, propertyName="phone", propertyValue="x")


def _worked_off(kind: str) -> Run:
    return pulling.worked_off([run.id for run in pulling.all_rows(Run) if run.kind == kind][-1])


def _phones() -> list[str]:
    return [str(one.phone) for one in pulling.contacts()]


def _reconciled(portal: Portal) -> Run:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None)
    assert portal
    return pulling.worked_off(started.run_id)


def _an_hour_ago(run: Run, ago: timedelta) -> None:
    """Let a run and all that it logged be so old."""
    then = datetime.now(UTC) - ago
    pulling.change(run.id, created_at=then, started_at=then, touched_at=then)
    with writing() as session:
        for entry in session.query(LogEntry).filter_by(run_id=run.id):
            entry.at = then


def test_a_reconcile_does_not_do_what_a_refresh_has_asked_about(
    portal: Portal, refreshed: Refreshing
) -> None:
    asking = refreshed(0, 1, 2)
    assert (asking.approval, asking.waiting_for) == ("asked", "approval")
    behind = _reconciled(portal)
    assert (behind.waiting_for, behind.approval, behind.question) == (
        "approval",
        None,
        {"asked_by": asking.id},
    )
    assert _phones() == ["1"] * 6


def test_not_even_one_other_record_is_changed_while_the_question_is_open(
    portal: Portal, refreshed: Refreshing
) -> None:
    asking = refreshed(0, 1, 2)
    portal.sandbox.update("contacts", portal.contacts[5], {"phone": "7"})
    _reconciled(portal)
    assert _phones() == ["1"] * 6
    assert mass_change.allow(current_services(), asking.id)
    for run in pulling.all_rows(Run):
        pulling.worked_off(run.id)
    assert _phones() == ["9", "9", "9", "1", "1", "7"]
    assert {run.state for run in pulling.all_rows(Run)} == {"finished"}


def test_a_pull_that_begins_with_the_restart_of_one_record_waits_too(
    portal: Portal, refreshed: Refreshing
) -> None:
    """Nobody has asked for HubSpot's state of it."""
    switch.stop(current_services(), portal.connection_id, "contacts", 6)
    refreshed(0, 1, 2)
    portal.sandbox.update("contacts", portal.contacts[5], {"phone": "7"})
    switch.start(current_services(), portal.connection_id, "contacts", 6, None)
    assert _worked_off("pull_record").waiting_for == "approval"
    assert _phones() == ["1"] * 6


@pytest.mark.every_database
def test_what_runs_of_two_kinds_change_in_one_hour_is_added_up(portal: Portal, refreshed: Refreshing) -> None:
    assert refreshed(0, 1).state == "finished"
    portal.sandbox.update("contacts", portal.contacts[2], {"phone": "9"})
    assert _reconciled(portal).approval == "asked"
    assert _phones() == ["9", "9", "1", "1", "1", "1"]


@pytest.mark.parametrize(("minutes", "waits"), [(40, True), (70, False)])
@pytest.mark.every_database
def test_the_next_hours_row_does_not_begin_from_nothing(
    refreshed: Refreshing, minutes: int, *, waits: bool
) -> None:
    first = refreshed(0, 1)
    _an_hour_ago(first, timedelta(minutes=minutes))
    pulling.change(first.id, created_at=datetime.now(UTC) - timedelta(hours=2))
    second = refreshed(2)
    assert second.id != first.id
    assert (second.approval == "asked") == waits


def test_what_was_allowed_is_not_allowed_for_the_rest_of_the_hour(refreshed: Refreshing) -> None:
    """The same row begins again: three more changes are a question of their own, fewer are none."""
    asking = refreshed(0, 1, 2)
    mass_change.allow(current_services(), asking.id)
    assert pulling.worked_off(asking.id).state == "finished"
    assert refreshed(3, 4).state == "finished"
    again = refreshed(0, 1, 2, phone="5")
    assert (again.id, again.approval, again.waiting_for) == (asking.id, "asked", "approval")
    assert _phones() == ["9"] * 5 + ["1"]


def test_a_question_about_hubspots_changes_does_not_hold_back_edits(
    portal: Portal, refreshed: Refreshing
) -> None:
    refreshed(0, 1, 2)
    edit(6, phone="+49 228 6")
    bound_jobs().begin_auto_push(portal.connection_id)
    assert _worked_off("auto_push").state == "finished"
    assert portal.sandbox.get("contacts", portal.contacts[5])["properties"]["phone"] == "+49 228 6"


@pytest.mark.every_database
def test_edits_of_records_that_are_gone_in_hubspot_are_counted(portal: Portal) -> None:
    """The push would mark them as gone, whatever deleted them there."""
    for number in (0, 1, 2):
        portal.sandbox.archive("contacts", portal.contacts[number])
        edit(number + 1, phone=f"+49 228 {number}")
    bound_jobs().begin_auto_push(portal.connection_id)
    assert _worked_off("auto_push").approval == "asked"
    assert {link.state for link in pulling.links()} == {"linked"}


@pytest.mark.parametrize("phones", [0, 1])
@pytest.mark.every_database
def test_contacts_that_get_another_company_are_counted(portal: Portal, phones: int) -> None:
    """Together with other changes, each contact once."""
    other = str(portal.sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"])
    pulling.pulled(portal.connection_id)
    company = str(pulling.link_of(other, "companies").record_id)
    for number in range(phones):
        edit(number + 1, phone="+49 228 6")
    for number in range(phones, 3):
        edit(number + 1, company_id=company)
    bound_jobs().begin_auto_push(portal.connection_id)
    asking = _worked_off("auto_push")
    assert (asking.approval, (asking.question or {})["changed"]) == ("asked", 3)
    assert (asking.question or {})["samples"][0]["changes"] == [["primary_company", portal.company, other]]
    assert {primary_of(portal.sandbox, one) for one in portal.contacts} == {portal.company}
    assert mass_change.allow(current_services(), asking.id)
    assert _worked_off("auto_push").state == "finished"
    assert [primary_of(portal.sandbox, one) for one in portal.contacts[phones:3]] == [other] * (3 - phones)


def test_two_contacts_with_another_company_need_no_question(portal: Portal) -> None:
    other = str(portal.sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"])
    pulling.pulled(portal.connection_id)
    for number in (1, 2):
        edit(number, company_id=str(pulling.link_of(other, "companies").record_id))
    bound_jobs().begin_auto_push(portal.connection_id)
    assert _worked_off("auto_push").state == "finished"
    assert [primary_of(portal.sandbox, one) for one in portal.contacts[:2]] == [other] * 2


@pytest.mark.every_database
def test_a_refusal_ends_what_waits_behind_the_question(portal: Portal, refreshed: Refreshing) -> None:
    asking = refreshed(0, 1, 2)
    behind = _reconciled(portal)
    assert mass_change.decline(current_services(), asking.id)
    assert {pulling.run_of(one.id).state for one in (asking, behind)} == {"cancelled"}
    assert pulling.connection_of(portal.connection_id).automatic["paused"]


def test_when_the_run_that_asks_is_cancelled_the_one_behind_it_asks_itself(
    portal: Portal, refreshed: Refreshing
) -> None:
    asking = refreshed(0, 1, 2)
    behind = _reconciled(portal)
    lifecycle.cancel(current_services(), asking.id)
    assert pulling.run_of(behind.id).not_before <= datetime.now(UTC)  # type: ignore[operator]
    current_services().redis.flushall()
    lifecycle.sweep(current_services())
    assert pulling.worked_off(behind.id).approval == "asked"
    with writing() as session:
        assert [run.id for run in queries.asking(session, portal.connection_id)] == [behind.id]
