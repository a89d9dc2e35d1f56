"""What becomes of a notice: its object is read afresh, once, and applied (B20, B21, B23, B24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.support.applications.services import bound_jobs, current_services, writing
from tests.support.samples.webhook_events import APP, deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact
from webapp.models import Company, Connection, Contact, InboxEvent, Run, WebhookEventCount
from webapp.usecases.webhooks import refresh

pytestmark = pytest.mark.one_database


class Portal:
    """The portal with one contact of one company, pulled; what it tells is delivered and looked into."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, client: FlaskClient) -> None:
        self.connection_id, self.sandbox, self.client = connection_id, sandbox, client
        self.company = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        self.contact = str(
            sandbox.create(
                "contacts", {"firstname": "Eva", "email": "eva@n.de", "phone": "1"}, [self.company]
            )["id"]
        )
        pulling.pulled(connection_id)

    def delivers(self, *items: dict[str, Any]) -> Run | None:
        """Deliver notices and look into them; the run that did, None where nothing was to be done."""
        assert deliver(self.client, list(items)).status_code == 204
        bound_jobs().begin_refresh(self.connection_id)
        found = [run for run in pulling.all_rows(Run) if run.kind == "refresh"]
        return pulling.worked_off(found[-1].id) if found else None

    def reads(self) -> int:
        """How many objects were asked for so far, in calls."""
        routes = self.sandbox.counts()["calls_by_route"]
        return sum(count for route, count in routes.items() if "associations" not in route)


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> Portal:
    return Portal(connection_id, sandbox, hubspot)


def _changed(number: str, **fields: Any) -> dict[str, Any]:
    return webhook_event("contact.propertyChange", number, propertyName="phone", propertyValue="2", **fields)


def _contact() -> Contact:
    [contact] = pulling.contacts()
    return contact


def _echoes() -> int:
    return sum(one.count for one in pulling.all_rows(WebhookEventCount) if one.name == "echoes")


def test_a_changed_object_is_read_afresh_and_the_events_own_value_is_not_believed(portal: Portal) -> None:
    portal.sandbox.update("contacts", portal.contact, {"phone": "3"})
    run = portal.delivers(_changed(portal.contact))
    assert run is not None
    assert (run.state, run.trigger, run.counts["contacts"]) == ("finished", "notice", {"updated": 1})
    assert _contact().phone == "3"
    assert [one.changes for one in pulling.entries(run.id)] == [[["phone", "1", "3"]]]
    assert not pulling.all_rows(InboxEvent)


@pytest.mark.every_database
def test_many_events_of_one_object_in_any_order_are_one_read(portal: Portal) -> None:
    portal.sandbox.update("contacts", portal.contact, {"phone": "3", "city": "Ulm"})
    before = portal.reads()
    run = portal.delivers(
        *[_changed(portal.contact) for _ in range(50)], webhook_event("contact.creation", portal.contact)
    )
    assert run is not None
    assert portal.reads() - before == 1
    assert run.counts["contacts"] == {"updated": 1}


def test_what_was_edited_here_and_not_in_hubspot_stays(portal: Portal) -> None:
    """A change of the job title there must not undo an unsent one of the phone here."""
    change_contact(1, phone="here")
    portal.sandbox.update("contacts", portal.contact, {"jobtitle": "Editor"})
    portal.delivers(_changed(portal.contact))
    assert (_contact().phone, _contact().job_title) == ("here", "Editor")
    [link] = pulling.links("contacts")
    assert (link.local_seen["phone"], link.local_seen["job_title"]) == ("1", "Editor")
    portal.sandbox.update("contacts", portal.contact, {"phone": "there"})
    portal.delivers(_changed(portal.contact))
    assert _contact().phone == "there"


def test_a_new_object_is_admitted_by_the_rules_matched_or_created(portal: Portal) -> None:
    new = portal.sandbox.create("contacts", {"firstname": "Ana", "email": "ana@n.de"}, [portal.company])["id"]
    alone = portal.sandbox.create("contacts", {"firstname": "Udo", "email": "udo@x.de"})["id"]
    run = portal.delivers(webhook_event("contact.creation", new), webhook_event("contact.creation", alone))
    assert run is not None
    assert {(one.remote_id, one.outcome, one.reason) for one in pulling.entries(run.id)} == {
        (new, "created", None),
        (alone, "skipped", "no_company"),
    }


@pytest.mark.every_database
def test_a_new_contact_brings_its_new_company_along(portal: Portal) -> None:
    company = portal.sandbox.create("companies", {"name": "Neu", "domain": "neu.de"})["id"]
    contact = portal.sandbox.create("contacts", {"firstname": "Ana", "email": "ana@neu.de"}, [company])["id"]
    calls = portal.sandbox.counts()["calls"]
    run = portal.delivers(webhook_event("contact.creation", contact))
    assert run is not None
    assert run.api_calls == portal.sandbox.counts()["calls"] - calls, "those of the first try are counted too"
    names = {one.id: one.name for one in pulling.all_rows(Company)}
    assert names[pulling.contacts()[-1].company_id or 0] == "Neu"


def test_a_deleted_object_is_marked_gone_and_the_record_stays(portal: Portal) -> None:
    portal.sandbox.archive("contacts", portal.contact)
    run = portal.delivers(webhook_event("contact.deletion", portal.contact))
    assert run is not None
    assert [(one.record_id, one.reason) for one in pulling.entries(run.id)] == [(1, "gone_in_hubspot")]
    assert pulling.link_of(portal.contact).state == "gone"
    assert _contact().phone == "1"
    portal.delivers(webhook_event("contact.deletion", portal.contact))
    assert pulling.run_of(run.id).counts["contacts"] == {"skipped": 1}


def test_a_deletion_that_is_not_true_changes_nothing(portal: Portal) -> None:
    portal.delivers(webhook_event("contact.deletion", portal.contact))
    assert pulling.link_of(portal.contact).state == "linked"


@pytest.mark.every_database
@pytest.mark.parametrize("new_id", [True, False])
def test_a_merged_object_is_followed_whichever_event_comes(portal: Portal, *, new_id: bool) -> None:
    other = portal.sandbox.create("contacts", {"firstname": "Eva M", "email": "em@n.de"}, [portal.company])[
        "id"
    ]
    kept = portal.sandbox.merge("contacts", other, portal.contact, new_id=new_id)["id"]
    portal.delivers(webhook_event("contact.deletion", portal.contact))
    assert [(link.remote_id, link.state) for link in pulling.links("contacts")] == [(kept, "linked")]


def test_a_contact_follows_its_primary_company(portal: Portal) -> None:
    other = portal.sandbox.create("companies", {"name": "Andere", "domain": "andere.de"})["id"]
    portal.sandbox.update("contacts", portal.contact, {}, [other])
    ends = {"fromObjectId": int(portal.contact), "toObjectId": int(other)}
    portal.delivers(
        webhook_event("contact.associationChange", 0, associationType="CONTACT_TO_COMPANY", **ends)
    )
    names = {one.id: one.name for one in pulling.all_rows(Company)}
    assert names[_contact().company_id or 0] == "Andere"


@pytest.mark.every_database
def test_an_object_that_cannot_be_read_yet_is_looked_at_again(portal: Portal) -> None:
    portal.delivers(webhook_event("contact.creation", "999999999999"))
    [row] = pulling.all_rows(InboxEvent)
    assert row.attempts == 1
    assert row.not_before is not None
    for _ in range(refresh._LOOKS):
        with writing() as session:
            session.execute(update(InboxEvent).values(not_before=datetime.now(UTC) - timedelta(seconds=1)))
        refresh.begin_forgotten(current_services())
        pulling.worked_off(max(run.id for run in pulling.all_rows(Run)))
    assert not pulling.all_rows(InboxEvent)


def test_an_object_that_nobody_may_read_fails_alone(portal: Portal) -> None:
    """HubSpot leaves it out of a batch, and refuses it by itself: that is no lack of the app's (B45, B49)."""
    sandbox = portal.sandbox
    hidden = str(sandbox.create("contacts", {"firstname": "Udo", "email": "u@n.de"}, [portal.company])["id"])
    pulling.pulled(portal.connection_id)
    for number in (hidden, portal.contact):
        sandbox.update("contacts", number, {"phone": "2"})
    sandbox.fault("odd", method="POST", path="*/contacts/batch/read", oddity="empty_page")
    sandbox.fault("status", status=403, method="GET", path=f"*/contacts/{hidden}")
    run = portal.delivers(_changed(hidden), _changed(portal.contact))
    assert run is not None
    assert run.state == "finished"
    reasons = {one.remote_id: one.reason for one in pulling.entries(run.id) if one.outcome == "failed"}
    assert reasons == {hidden: "unreadable_object"}
    assert {one.email: one.phone for one in pulling.contacts()} == {"eva@n.de": "2", "u@n.de": None}
    [connection] = pulling.all_rows(Connection)
    assert connection.trouble_since is None


@pytest.mark.every_database
def test_an_hours_refreshes_are_one_run(portal: Portal) -> None:
    first = portal.delivers(_changed(portal.contact))
    portal.sandbox.update("contacts", portal.contact, {"phone": "7"})
    second = portal.delivers(_changed(portal.contact))
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert second.counts["contacts"] == {"unchanged": 1, "updated": 1}


def test_the_echo_of_our_own_write_is_counted_and_not_read(portal: Portal) -> None:
    """The link says what HubSpot held when it last answered."""
    before = portal.reads()
    late = int((datetime.now(UTC) + timedelta(minutes=1)).timestamp() * 1000)
    origin = {"changeSource": "INTEGRATION", "sourceId": str(APP), "occurredAt": late}
    phone = {"propertyName": "phone", "propertyValue": "1"}
    portal.delivers(webhook_event("contact.propertyChange", portal.contact, **origin, **phone))
    assert (portal.reads() - before, _echoes()) == (0, 1)
    assert not pulling.all_rows(InboxEvent)
    portal.delivers(
        webhook_event("contact.propertyChange", portal.contact, **origin, **phone | {"propertyValue": "9"})
    )
    assert portal.reads() - before == 1


def test_what_was_read_already_is_not_read_again(portal: Portal) -> None:
    before = portal.reads()
    old = {"occurredAt": 1767225600000, "propertyName": "phone", "propertyValue": "1"}
    portal.delivers(webhook_event("contact.propertyChange", portal.contact, **old))
    assert (portal.reads() - before, _echoes()) == (0, 1)


def test_a_property_that_nobody_maps_is_not_read(portal: Portal) -> None:
    before = portal.reads()
    portal.delivers(
        webhook_event("contact.propertyChange", portal.contact, propertyName="hs_score", propertyValue="7")
    )
    assert portal.reads() == before


def test_before_the_first_pull_has_finished_events_wait(portal: Portal) -> None:
    with writing() as session:
        session.get_one(Connection, portal.connection_id).first_pull_finished_at = None
    assert portal.delivers(_changed(portal.contact)) is None
    assert len(pulling.all_rows(InboxEvent)) == 1
