"""Both sides edited one field between two syncs: the later edit is kept, the other one told of (B22)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import bound_jobs
from tests.support.plain.plain import CONTACTS
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.domain.links.conflicts import both_changed, is_later_here
from webapp.models import RecordEdit, Run
from webapp.models.people.users import User

pytestmark = pytest.mark.one_database

_NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Portal:
    """One contact, linked; edits on either side wait until they are told or sent."""

    def __init__(self, connection_id: int, sandbox: SandboxServer, client: FlaskClient) -> None:
        self.connection_id, self.sandbox, self.client = connection_id, sandbox, client
        firm = str(sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"])
        values = {"firstname": "Eva", "email": "eva@n.de", "city": "1", "jobtitle": "Chefin"}
        self.number = str(sandbox.create("contacts", values, [firm])["id"])
        pulling.pulled(connection_id)

    def edited_there(self, **properties: str) -> None:
        """A person edits at HubSpot; a moment passes before and after."""
        time.sleep(0.02)
        self.sandbox.update("contacts", self.number, properties)
        time.sleep(0.02)

    def refreshed(self) -> Run:
        """HubSpot tells of the contact, and it is looked into."""
        event = webhook_event("contact.propertyChange", self.number, propertyName="city", propertyValue="?")
        assert deliver(self.client, [event]).status_code == 204
        bound_jobs().begin_refresh(self.connection_id)
        return pulling.worked_off(_latest("refresh").id)

    def sent(self) -> Run:
        """What was edited here is sent."""
        bound_jobs().begin_auto_push(self.connection_id)
        return pulling.worked_off(_latest("auto_push").id)

    def there(self, name: str) -> Any:
        return self.sandbox.get("contacts", self.number)["properties"].get(name)


def _latest(kind: str) -> Run:
    return [run for run in pulling.all_rows(Run) if run.kind == kind][-1]


def _overwritten(run: Run) -> list[dict[str, Any]]:
    details = [entry.detail or {} for entry in pulling.entries(run.id) if entry.reason == "overwritten"]
    return [one for detail in details for one in detail["overwritten"]]


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> Portal:
    return Portal(connection_id, sandbox, hubspot)


@pytest.mark.every_database
def test_an_edit_of_each_field_survives_when_they_differ(portal: Portal) -> None:
    edit(1, city="22")
    portal.edited_there(jobtitle="Vorstand")
    portal.refreshed()
    portal.sent()
    contact = pulling.contact(1)
    assert (contact.city, contact.job_title) == ("22", "Vorstand")
    assert (portal.there("city"), portal.there("jobtitle")) == ("22", "Vorstand")


@pytest.mark.parametrize("refresh_first", [True, False])
def test_the_later_edit_there_wins_whichever_sync_comes_first(portal: Portal, *, refresh_first: bool) -> None:
    edit(1, city="22")
    portal.edited_there(city="33")
    runs = [portal.refreshed(), portal.sent()] if refresh_first else [portal.sent(), portal.refreshed()]
    assert (pulling.contact(1).city, portal.there("city")) == ("33", "33")
    assert [one for run in runs for one in _overwritten(run)] == [
        {"field": "city", "value": "22", "side": "here"}
    ]


@pytest.mark.parametrize("refresh_first", [True, False])
def test_the_later_edit_here_wins_whichever_sync_comes_first(portal: Portal, *, refresh_first: bool) -> None:
    portal.edited_there(city="33")
    edit(1, city="22")
    runs = [portal.refreshed(), portal.sent()] if refresh_first else [portal.sent(), portal.refreshed()]
    assert (pulling.contact(1).city, portal.there("city")) == ("22", "22")
    assert [one for run in runs for one in _overwritten(run)] == [
        {"field": "city", "value": "33", "side": "hubspot"}
    ]


def test_once_settled_nothing_moves_any_more(portal: Portal) -> None:
    edit(1, city="22")
    portal.edited_there(city="33", jobtitle="Vorstand")
    edit(1, job_title="Chefin vom Dienst")
    portal.refreshed()
    portal.sent()
    portal.refreshed()
    changes = portal.sandbox.counts()["changes"]
    portal.refreshed()
    portal.sent()
    assert portal.sandbox.counts()["changes"] == changes
    assert (pulling.contact(1).city, pulling.contact(1).job_title) == ("33", "Chefin vom Dienst")
    assert (portal.there("city"), portal.there("jobtitle")) == ("33", "Chefin vom Dienst")


@pytest.mark.every_database
@pytest.mark.usefixtures("portal")
def test_an_edit_is_noted_with_its_fields_in_its_transaction() -> None:
    edit(1, city="22", job_title="")
    [stored] = pulling.all_rows(RecordEdit)
    assert (stored.origin, stored.record_id) == ("person", 1)
    assert sorted(stored.changes) == [["city", "1", "22"], ["job_title", "Chefin", None]]


@pytest.mark.parametrize("side", ["here", "hubspot"])
def test_the_lost_value_can_be_put_back_and_is_sent(
    portal: Portal, side: str, logged_in: Callable[[User], FlaskClient], member: User
) -> None:
    if side == "here":
        edit(1, city="Ulm")
        portal.edited_there(city="Bonn")
    else:
        portal.edited_there(city="Ulm")
        edit(1, city="Bonn")
    run = portal.refreshed()
    [entry] = [one for one in pulling.entries(run.id) if one.reason == "overwritten"]
    pages = logged_in(member)
    address = f"/sync-log/{run.id}/{entry.seq}/lost-values"
    assert "Put the other value back" in pages.get(f"/sync-log/{run.id}").text
    assert "Ulm" in pages.get(address).text
    assert pages.post(address, data={"field": "city"}).status_code == 303
    portal.sent()
    assert (pulling.contact(1).city, portal.there("city")) == ("Ulm", "Ulm")
    assert pages.post(address, data={"field": "phone"}).status_code >= 400
    assert pages.get(f"/sync-log/{run.id}/999/lost-values").status_code == 404


class _Base:
    local_seen: dict[str, Any] = {"city": "1"}  # noqa: RUF012 - a plain example
    remote_seen: dict[str, str | None] = {"city": "+1"}  # noqa: RUF012 - a plain example


def test_a_conflict_needs_a_change_on_both_sides() -> None:
    assert both_changed("city", "2", "+3", _Base(), CONTACTS)
    assert not both_changed("city", "1", "+3", _Base(), CONTACTS)
    assert not both_changed("city", "2", "+1", _Base(), CONTACTS)


def test_without_a_time_of_ours_hubspot_is_believed() -> None:
    later = _NOON + timedelta(seconds=1)
    assert is_later_here("city", {"city": later}, {"city": _NOON})
    assert not is_later_here("city", {"city": _NOON}, {"city": later})
    assert not is_later_here("city", {}, {"city": _NOON})
    assert is_later_here("city", {"city": _NOON}, {})
