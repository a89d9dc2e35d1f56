"""What HubSpot changed and no notice told of is found and repaired (B25)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.samples.quiet_portal import Portal
from tests.support.samples.webhook_events import webhook_event
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.errors import RefusedError
from webapp.hubspot.http import transport
from webapp.models import Connection, InboxEvent, Run, WebhookEventCount
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.reconcile import looking
from webapp.usecases.reconcile import walk as reconcile_walk

pytestmark = pytest.mark.one_database


def _delivered_once() -> None:
    with writing() as session:
        inbox.add_counts(session, {"deliveries": 1}, datetime.now(UTC))


def test_a_change_that_nobody_told_of_is_found_and_only_what_moved_is_taken(portal: Portal) -> None:
    portal.sandbox.update("contacts", portal.contacts[1], {"phone": "22"})
    run = portal.reconciled()
    assert (run.state, run.counts["contacts"].get("updated")) == ("finished", 1)
    assert [one.changes for one in pulling.entries(run.id)] == [[["phone", "1", "22"]]]
    assert pulling.contact(2).phone == "22"


def test_a_lost_creation_comes_with_its_company(portal: Portal) -> None:
    firm = portal.sandbox.create("companies", {"name": "Suedwind", "domain": "s.de"})["id"]
    portal.sandbox.create("contacts", {"firstname": "Neu", "email": "neu@s.de"}, [firm])
    run = portal.reconciled()
    assert run.state == "finished"
    [contact] = [one for one in pulling.contacts() if one.first_name == "Neu"]
    assert contact.company_id is not None
    assert pulling.company(contact.company_id).name == "Suedwind"


@pytest.mark.every_database
def test_more_changes_than_a_page_are_walked_by_number_to_the_end(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile_walk, "PAGE_SIZE", 2)
    pulling.short_slices(monkeypatch)
    added = [portal.add_contact(f"N{number}", email=f"n{number}@n.de") for number in range(7)]
    run = portal.reconciled()
    assert run.state == "finished"
    assert {link.remote_id for link in pulling.links("contacts")} >= set(added)


def test_a_search_that_counts_less_than_its_page_holds_is_not_taken_for_the_end(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count may be of another moment; the watermark would pass over whatever is behind the page."""
    monkeypatch.setattr(reconcile_walk, "PAGE_SIZE", 2)
    added = [portal.add_contact(f"N{number}", email=f"n{number}@n.de") for number in range(7)]
    portal.sandbox.fault("odd", path="*/contacts/search", oddity="shrunk_total", times=2)
    assert portal.reconciled().state == "finished"
    assert {link.remote_id for link in pulling.links("contacts")} >= set(added)


def test_a_look_moves_the_watermark_to_hubspots_time_when_it_began(portal: Portal) -> None:
    first = pulling.connection_of(portal.connection_id).watermark
    time.sleep(1.1)  # HubSpot's clock is read to the second
    portal.reconciled()
    later = pulling.connection_of(portal.connection_id).watermark
    assert first is not None
    assert later is not None
    assert first < later <= datetime.now(UTC)


def test_a_date_of_another_age_makes_no_watermark(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway on the way may have any clock, and ahead of a watermark nothing is looked for."""
    far = datetime(2999, 1, 1, tzinfo=UTC)
    with monkeypatch.context() as patch:
        patch.setattr(transport, "http_date", lambda _: far)
        assert portal.reconciled().state == "finished"
    portal.sandbox.update("contacts", portal.contacts[1], {"phone": "22"})
    portal.reconciled()
    assert pulling.contact(2).phone == "22"


@pytest.mark.every_database
def test_a_watermark_that_cannot_be_true_is_given_up(portal: Portal) -> None:
    with writing() as session:
        row = session.get_one(Connection, portal.connection_id)
        row.watermark = datetime(2999, 1, 1, tzinfo=UTC)
    portal.sandbox.update("contacts", portal.contacts[1], {"phone": "22"})
    portal.reconciled()
    assert pulling.contact(2).phone == "22"
    now = pulling.connection_of(portal.connection_id).watermark
    assert now is not None
    assert now <= datetime.now(UTC)


def test_what_search_showed_too_late_is_found_within_the_overlap(portal: Portal) -> None:
    """The watermark has passed it already."""
    late = portal.add_contact("Late", email="late@n.de")
    with writing() as session:
        row = session.get_one(Connection, portal.connection_id)
        row.watermark = datetime.now(UTC) + timedelta(minutes=4)
    portal.reconciled()
    assert late in [link.remote_id for link in pulling.links("contacts")]


@pytest.mark.every_database
def test_a_look_that_was_killed_goes_on_and_counts_nothing_twice(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile_walk, "PAGE_SIZE", 1)
    pulling.short_slices(monkeypatch)
    for number in portal.contacts:
        portal.sandbox.update("contacts", number, {"phone": "9"})
    started = begin_reconcile.start(current_services(), trigger="button", user_id=None)
    for _ in range(3):
        pulling.one_slice(started.run_id)
    run = pulling.worked_off(started.run_id)
    assert run.counts["contacts"]["updated"] == len(portal.contacts)
    assert len(pulling.entries(run.id)) == len(portal.contacts)


def test_an_edit_here_survives_a_missed_change_of_another_field(portal: Portal) -> None:
    edit(1, job_title="Chefin")
    portal.sandbox.update("contacts", portal.contacts[0], {"phone": "44"})
    portal.reconciled()
    contact = pulling.contact(1)
    assert (contact.phone, contact.job_title) == ("44", "Chefin")


@pytest.mark.every_database
@pytest.mark.usefixtures("portal")
def test_asking_again_leads_to_the_look_under_way() -> None:
    first = begin_reconcile.start(current_services(), trigger="button", user_id=None)
    again = begin_reconcile.start(current_services(), trigger="command", user_id=None)
    assert (again.run_id, again.is_new) == (first.run_id, False)


@pytest.mark.usefixtures("in_app", "sandbox")
def test_before_a_first_pull_nothing_can_be_missed() -> None:
    pulling.connected()
    with pytest.raises(RefusedError, match=r"^no_pull_yet$"):
        begin_reconcile.start(current_services(), trigger="button", user_id=None)


@pytest.mark.every_database
def test_of_many_schedules_one_begins_a_look_and_the_hours_looks_are_one_run(portal: Portal) -> None:
    portal.last_look_was(timedelta(seconds=30))
    begin_reconcile.begin_due(current_services())
    assert not [run for run in pulling.all_rows(Run) if run.kind == "reconcile"]
    portal.last_look_was(timedelta(seconds=70))
    for _ in range(3):
        begin_reconcile.begin_due(current_services())
    [run] = [run for run in pulling.all_rows(Run) if run.kind == "reconcile"]
    assert pulling.worked_off(run.id).state == "finished"
    assert run.trigger == "schedule"


def test_where_events_come_ten_minutes_pass_between_two_looks(portal: Portal) -> None:
    _delivered_once()
    portal.last_look_was(timedelta(minutes=9))
    begin_reconcile.begin_due(current_services())
    assert not [run for run in pulling.all_rows(Run) if run.kind == "reconcile"]
    portal.last_look_was(timedelta(minutes=11))
    begin_reconcile.begin_due(current_services())
    assert [run for run in pulling.all_rows(Run) if run.kind == "reconcile"]


@pytest.mark.every_database
def test_a_change_without_a_webhook_event_is_counted_where_events_are_expected(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "ANNOUNCED_WITHIN", timedelta(0))
    _delivered_once()
    portal.sandbox.update("contacts", portal.contacts[0], {"phone": "5"})
    portal.sandbox.update("contacts", portal.contacts[1], {"phone": "5"})
    _event_waits(portal, portal.contacts[1])
    portal.reconciled()
    assert [one.count for one in pulling.all_rows(WebhookEventCount) if one.name == "missed"] == [1]


def test_a_page_whose_changes_all_wait_as_events_is_applied_and_counts_nothing(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "ANNOUNCED_WITHIN", timedelta(0))
    _delivered_once()
    portal.sandbox.update("contacts", portal.contacts[1], {"phone": "5"})
    _event_waits(portal, portal.contacts[1])
    run = portal.reconciled()
    assert (run.state, run.counts["contacts"]) == ("finished", {"unchanged": 2, "updated": 1})
    assert not [one for one in pulling.all_rows(WebhookEventCount) if one.name == "missed"]


def _event_waits(portal: Portal, contact: str) -> None:
    event = webhook_event("contact.propertyChange", contact, propertyName="phone", propertyValue="5")
    now = datetime.now(UTC)
    with writing() as session:
        session.add(
            InboxEvent(
                connection_id=portal.connection_id,
                object_type="contacts",
                remote_id=str(event["objectId"]),
                kind="changed",
                source="CRM_UI",
                source_id="",
                occurred_at=now,
                received_at=now,
            )
        )
