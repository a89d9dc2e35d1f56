"""What was edited here while a record had no working link is sent once it has one again (B48)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs, current_services
from tests.support.samples.factories import make_company, make_contact
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import primary_of
from tests.support.usecases.undoing import undo_of
from webapp.models import OutboxRecord, Run, User
from webapp.usecases.links import switch as link_switch
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.records import merging

pytestmark = pytest.mark.one_database


class Portal:
    """A contact, here and in HubSpot, that is deleted there and may come back."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, client: FlaskClient) -> None:
        self.connection_id, self.sandbox, self.client = connection_id, sandbox, client
        self.firm = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        values = {"firstname": "Eva", "email": "eva@n.de", "phone": "1", "city": "Bonn"}
        self.contact = str(sandbox.create("contacts", values, [self.firm])["id"])
        pulling.pulled(connection_id)

    def goes(self) -> None:
        self.sandbox.archive("contacts", self.contact)
        self.sends("contact.deletion")
        assert pulling.link_of(self.contact).state == "gone"

    def comes_back(self, **properties: str) -> None:
        self.sandbox.restore("contacts", self.contact)
        self.sandbox.update("contacts", self.contact, properties, companies=[self.firm])
        time.sleep(0.02)

    def sends(self, subscription: str) -> None:
        assert deliver(self.client, [webhook_event(subscription, self.contact)]).status_code == 204
        bound_jobs().begin_refresh(self.connection_id)
        pulling.worked_off(_latest("refresh").id)

    def sent(self) -> Run | None:
        bound_jobs().begin_auto_push(self.connection_id)
        run = _latest("auto_push")
        return pulling.worked_off(run.id) if run else None

    def there(self, name: str) -> str | None:
        value: str | None = self.sandbox.get("contacts", self.contact)["properties"].get(name)
        return value


def _latest(kind: str) -> Run:
    found = [run for run in pulling.all_rows(Run) if run.kind == kind]
    return found[-1] if found else None  # type: ignore[return-value]


def _unsent() -> list[tuple[str, int]]:
    return [(row.object_type, row.record_id) for row in pulling.all_rows(OutboxRecord)]


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> Portal:
    return Portal(connection_id, sandbox, hubspot)


def _by_event(portal: Portal) -> None:
    portal.sends("contact.restore")


def _by_pull(portal: Portal) -> None:
    pulling.pulled(portal.connection_id)


def _by_reconcile(_portal: Portal) -> None:
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=True)
    pulling.worked_off(started.run_id)


WAYS = pytest.mark.parametrize(
    "comes_by", [_by_event, _by_pull, _by_reconcile], ids=["event", "pull", "reconcile"]
)
Way = Callable[[Portal], None]


@WAYS
def test_an_edit_made_while_the_object_was_gone_is_sent_when_it_is_restored(
    portal: Portal, comes_by: Way
) -> None:
    portal.goes()
    edit(phone="+49 228 7")
    assert _unsent() == []
    portal.comes_back(jobtitle="Chefin")
    comes_by(portal)
    contact = pulling.contacts()[0]
    assert (contact.phone, contact.job_title) == ("+49 228 7", "Chefin")
    assert pulling.link_of(portal.contact).state == "linked"
    assert _unsent() == [("contacts", 1)]
    portal.sent()
    assert (portal.there("phone"), portal.there("jobtitle"), _unsent()) == ("+49 228 7", "Chefin", [])


@WAYS
def test_where_hubspot_changed_the_field_later_its_value_stays(portal: Portal, comes_by: Way) -> None:
    portal.goes()
    edit(phone="+49 228 7", city="Ulm")
    time.sleep(0.02)
    portal.comes_back(phone="9")
    comes_by(portal)
    contact = pulling.contacts()[0]
    assert (contact.phone, contact.city) == ("9", "Ulm")
    portal.sent()
    assert (portal.there("phone"), portal.there("city")) == ("9", "Ulm")


def test_nothing_is_sent_where_nothing_was_edited(portal: Portal) -> None:
    portal.goes()
    portal.comes_back(phone="9")
    _by_event(portal)
    assert (pulling.contacts()[0].phone, _unsent()) == ("9", [])
    assert portal.sent() is None


def test_a_company_given_while_it_was_gone_is_sent(portal: Portal) -> None:
    other = str(portal.sandbox.create("companies", {"name": "Other", "domain": "o.de"})["id"])
    pulling.pulled(portal.connection_id)
    portal.goes()
    edit(company_id=str(pulling.link_of(other, "companies").record_id))
    portal.comes_back()
    _by_event(portal)
    portal.sent()
    assert primary_of(portal.sandbox, portal.contact) == other


def test_what_waited_when_the_object_went_is_sent_too(portal: Portal) -> None:
    edit(phone="+49 228 7")
    portal.goes()
    portal.sent()
    portal.comes_back()
    _by_event(portal)
    portal.sent()
    assert portal.there("phone") == "+49 228 7"


def test_an_edit_made_while_it_was_stopped_is_sent_when_it_starts_again(portal: Portal) -> None:
    link_switch.stop(current_services(), portal.connection_id, "contacts", 1)
    edit(phone="+49 228 7")
    pulling.pulled(portal.connection_id)
    link_switch.start(current_services(), portal.connection_id, "contacts", 1, None)
    pulling.worked_off(_latest("pull_record").id)
    portal.sent()
    assert (portal.there("phone"), pulling.contacts()[0].phone) == ("+49 228 7", "+49 228 7")


def test_an_edit_made_while_an_undo_had_unlinked_it_is_sent_when_that_is_undone(
    connection_id: int, sandbox: SandboxServer
) -> None:
    make_contact(make_company(name="Acme", domain="acme.de").id, first_name="Ana", email="ana@acme.de")
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    contact = sandbox.create("contacts", {"email": "ana@acme.de", "jobtitle": "Boss"}, [firm])["id"]
    undo = undo_of(pulling.pulled(connection_id).id)
    assert pulling.links() == []
    edit(phone="+49 228 7")
    undo_of(undo.id)
    assert pulling.link_of(contact).state == "linked"
    assert _unsent() == [("contacts", 1)]
    bound_jobs().begin_auto_push(connection_id)
    pulling.worked_off(_latest("auto_push").id)
    assert sandbox.get("contacts", contact)["properties"]["phone"] == "+49 228 7"


@pytest.mark.parametrize("is_edited_later", [True, False])
def test_linked_by_a_person_it_keeps_what_was_typed_here_later(
    connection_id: int, sandbox: SandboxServer, *, is_edited_later: bool
) -> None:
    """While the question waited, the record was worked on; HubSpot has its values from before, or since."""
    firm = make_company(name="Other", domain="x.de")
    record = make_contact(
        firm.id, first_name="Eva", last_name="Kern", email="other@x.de", phone="030 1234567"
    )
    there = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": "+49 30 1234567"}
    made = sandbox.create("contacts", values | {"city": "Bonn"}, [there])["id"]
    pulling.pulled(connection_id)
    found = pulling.left_out_of(made)
    time.sleep(0.02)
    edit(record.id, city="Ulm")
    if not is_edited_later:
        time.sleep(0.02)
        sandbox.update("contacts", made, {"city": "Köln"})
    pulling.decided(found.id, "link", record.id)
    kept = "Ulm" if is_edited_later else "Köln"
    assert (pulling.contact(record.id).city, pulling.contact(record.id).email) == (kept, "eva@n.de")
    bound_jobs().begin_auto_push(connection_id)
    if (run := _latest("auto_push")) is not None:
        pulling.worked_off(run.id)
    assert sandbox.get("contacts", made)["properties"]["city"] == kept
    assert _unsent() == []


@pytest.mark.every_database
def test_a_record_that_takes_over_a_link_by_merging_is_sent(portal: Portal, member: User) -> None:
    winner = make_contact(1, first_name="Eva", email="eva.neu@n.de", phone="+49 228 9")
    loser = pulling.contacts()[0]
    versions = (winner.version, loser.version)
    merging.merge(current_services(), "contacts", winner.id, loser.id, versions, user_id=member.id)
    assert _unsent() == [("contacts", winner.id)]
    portal.sent()
    assert (portal.there("phone"), portal.there("email")) == ("+49 228 9", "eva.neu@n.de")
