"""An automatic run that would change very many records stops before it does, and asks (B40)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_run
from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact
from webapp.domain.runs import mass_change as guard
from webapp.domain.runs.mass_change import is_mass_change
from webapp.models import OutboxRecord, Run
from webapp.models.people.users import User
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, mass_change

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask at three records already."""
    monkeypatch.setattr(guard, "FEWEST", 3)


def _awaiting_approval(portal: Portal) -> Run:
    for number in portal.contacts:
        portal.sandbox.update("contacts", number, {"phone": "9"})
    run = portal.reconciled()
    assert (run.state, run.waiting_for, run.approval) == ("running", "approval", "asked")
    return run


def test_a_hundred_and_more_than_a_twentieth_is_a_mass_change() -> None:
    assert not is_mass_change(99, 100)
    assert not is_mass_change(100, 2000)
    assert is_mass_change(101, 2000)
    assert is_mass_change(100, 100)


@pytest.mark.usefixtures("strict")
def test_nothing_is_changed_before_somebody_has_said_so(portal: Portal) -> None:
    run = _awaiting_approval(portal)
    assert {one.phone for one in pulling.contacts()} == {"1"}
    question = run.question
    assert question is not None
    assert (question["changed"], question["links"]) == (3, 4)
    assert question["samples"][0]["changes"] == [["phone", "1", "9"]]
    lifecycle.sweep(current_services())
    assert pulling.run_of(run.id).waiting_for == "approval"


@pytest.mark.usefixtures("strict")
def test_a_run_that_asks_is_shown_as_waiting_and_others_name_it(
    portal: Portal, logged_in: LogIn, administrator: User
) -> None:
    run = _awaiting_approval(portal)
    behind = make_run(
        portal.connection_id,
        kind="refresh",
        state="running",
        waiting_for="approval",
        question={"asked_by": run.id},
    )
    pages = logged_in(administrator)
    for number in (run.id, behind.id):
        assert read_page(pages.get(f"/sync-log/{number}").text).one(id="run-badge").shown_text == "Waiting"
    assert " Running " not in read_page(pages.get("/sync-log").text).one(id="runs").shown_text
    page = read_page(pages.get(f"/sync-log/{behind.id}").text)
    assert f"the question of Check for missed changes {run.id}" in page.shown_text
    assert page.leads_to(f"/sync-log/{run.id}")


@pytest.mark.every_database
@pytest.mark.usefixtures("strict")
def test_once_allowed_it_goes_on_and_does_it_all(portal: Portal) -> None:
    run = _awaiting_approval(portal)
    assert mass_change.allow(current_services(), run.id)
    allowed = pulling.run_of(run.id)
    assert (allowed.approval, allowed.question, allowed.options) == ("given", None, run.options)
    assert not mass_change.allow(current_services(), run.id)
    assert pulling.worked_off(run.id).state == "finished"
    assert {one.phone for one in pulling.contacts()} == {"9"}
    assert not mass_change.allow(current_services(), run.id)


@pytest.mark.usefixtures("strict")
def test_left_alone_it_ends_and_automatic_sync_is_paused(portal: Portal) -> None:
    run = _awaiting_approval(portal)
    assert mass_change.decline(current_services(), run.id)
    assert pulling.run_of(run.id).state == "cancelled"
    assert pulling.connection_of(portal.connection_id).automatic["paused"]
    assert {one.phone for one in pulling.contacts()} == {"1"}


@pytest.mark.usefixtures("strict")
def test_deleting_much_of_the_portal_unlinks_nothing_by_itself(portal: Portal) -> None:
    for number in portal.contacts:
        portal.sandbox.archive("contacts", number)
    run = portal.reconciled(is_full=True)
    assert run.waiting_for == "approval"
    assert {link.state for link in pulling.links()} == {"linked"}


@pytest.mark.usefixtures("strict")
def test_many_edits_at_once_are_not_sent_by_themselves(portal: Portal) -> None:
    for record_id in (1, 2, 3):
        change_contact(record_id, phone="8")
        with writing() as session:
            session.add(
                OutboxRecord(
                    connection_id=portal.connection_id,
                    object_type="contacts",
                    record_id=record_id,
                    edited_at=pulling.contact(record_id).updated_at,
                    version=str(record_id),
                )
            )
    bound_jobs().begin_auto_push(portal.connection_id)
    [run] = [one for one in pulling.all_rows(Run) if one.kind == "auto_push"]
    before = portal.sandbox.counts()["changes"]
    assert pulling.worked_off(run.id).waiting_for == "approval"
    assert portal.sandbox.counts()["changes"] == before
    mass_change.allow(current_services(), run.id)
    assert pulling.worked_off(run.id).state == "finished"
    assert portal.sandbox.get("contacts", portal.contacts[0])["properties"]["phone"] == "8"


@pytest.mark.usefixtures("strict")
def test_a_pull_that_somebody_asked_for_is_not_held_up(portal: Portal) -> None:
    for number in portal.contacts:
        portal.sandbox.update("contacts", number, {"phone": "9"})
    assert pulling.pulled(portal.connection_id).state == "finished"
    assert {one.phone for one in pulling.contacts()} == {"9"}


@pytest.mark.every_database
@pytest.mark.usefixtures("strict")
def test_the_hours_changes_are_added_up(portal: Portal) -> None:
    """Two looks of one hour are one run: what is below the mark each may be above it together."""
    for count, number in enumerate(portal.contacts, start=1):
        portal.sandbox.update("contacts", number, {"phone": "9"})
        pulling.forget_looks(portal.connection_id)
        begin_reconcile.begin_due(current_services())
        [run] = [one for one in pulling.all_rows(Run) if one.kind == "reconcile"]
        ended = pulling.worked_off(run.id)
        assert ended.waiting_for == ("approval" if count == 3 else None)


@pytest.mark.usefixtures("strict")
def test_the_pages_ask_and_take_the_answer(
    app: Flask, sandbox: SandboxServer, administrator: User, member: User, logged_in: LogIn
) -> None:
    with app.app_context():
        run_id = _awaiting_approval(Portal(pulling.connected(), sandbox)).id
    for address in ("/integrations/hubspot", f"/sync-log/{run_id}"):
        page = logged_in(administrator).get(address).text
        assert "would change 3 of 4 linked records" in page
        assert "Continue with it" in page
        assert "Continue with it" not in logged_in(member).get(address).text
    assert logged_in(member).post(f"/runs/{run_id}/answer", data={"answer": "go"}).status_code == 403
    answer = logged_in(administrator).post(f"/runs/{run_id}/answer", data={"answer": "go"})
    assert answer.status_code == 303
    with app.app_context():
        assert pulling.worked_off(run_id).state == "finished"


@pytest.mark.usefixtures("strict")
def test_one_record_that_changes_again_and_again_is_no_mass_change(portal: Portal) -> None:
    for count in range(6):
        portal.sandbox.update("contacts", portal.contacts[0], {"phone": str(count + 20)})
        pulling.forget_looks(portal.connection_id)
        begin_reconcile.begin_due(current_services())
        [run] = [one for one in pulling.all_rows(Run) if one.kind == "reconcile"]
        assert pulling.worked_off(run.id).state == "finished"
