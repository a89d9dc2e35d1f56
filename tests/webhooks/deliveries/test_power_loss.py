"""What was answered, and what HubSpot is about to be told, is on the disk before (B44).

What the power takes otherwise is the end of a bulk run's work, together with its checkpoint.
"""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.faults.durability import Commit, commits
from tests.support.samples.factories import make_contact
from tests.support.samples.webhook_events import deliver, webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import change_contact, give_key, pushed
from tests.support.usecases.undoing import undo_of
from webapp import jobs
from webapp.models import Run
from webapp.usecases.records import editing


@pytest.fixture
def contact(connection_id: int, sandbox: SandboxServer) -> str:
    """A contact of one company, here and in HubSpot, where one finds what was made a moment ago."""
    sandbox.settings(search_delay_s=0)
    give_key(sandbox, connection_id)
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    number = str(sandbox.create("contacts", {"lastname": "Roth", "email": "eva@n.de"}, [company])["id"])
    pulling.pulled(connection_id)
    return number


def _into(table: str, found: list[Commit]) -> list[bool]:
    """Whether the commits that write into a table wait for the disk."""
    return [one.is_durable for one in found if one.writes(table)]


def test_an_edit_is_on_the_disk_when_it_is_called_saved(contact: str) -> None:
    assert contact
    with commits() as found:
        edit(phone="+49 228 7")
        editing.create(current_services(), "contacts", {"last_name": "New", "company_id": "1"})
    assert _into("outbox_records", found) == [True]
    assert _into("contacts", found) == [True]
    assert all(one.is_durable for one in found)


def test_a_delivery_is_on_the_disk_before_it_is_answered(contact: str, hubspot: FlaskClient) -> None:
    changed = webhook_event("contact.propertyChange", contact, propertyName="phone", propertyValue="9")
    with commits() as found:
        assert deliver(hubspot, [changed]).status_code == 204
    assert _into("inbox_notices", found) == [True]


def test_what_is_announced_is_on_the_disk_before_hubspot_is_called(connection_id: int, contact: str) -> None:
    assert contact
    edit(phone="+49 228 7")
    make_contact(1, last_name="New", email="new@n.de")
    with commits() as found:
        run = pushed(connection_id)
        undo_of(run.id)
    assert _into("announced_creates", found) == [True]
    # The push's own, and that of its undo.
    assert _into("announced_updates", found) == [True, True]
    assert all(one.is_durable for one in found)


def test_so_is_a_company_that_is_about_to_be_set(
    connection_id: int, contact: str, sandbox: SandboxServer
) -> None:
    assert contact
    sandbox.create("companies", {"name": "Other", "domain": "other.de"})
    pulling.pulled(connection_id)
    change_contact(1, company_id=2)
    with commits() as found:
        run = pushed(connection_id)
        undo_of(run.id)
    assert _into("announced_associations", found)[:1] == [True]
    assert all(one.is_durable for one in found)


def test_only_pages_that_are_read_again_may_be_lost(
    in_app: Flask, connection_id: int, sandbox: SandboxServer, contact: str, hubspot: FlaskClient
) -> None:
    """And what follows them, by the same connection to the database, may not."""
    sandbox.create("contacts", {"lastname": "Later", "email": "later@n.de"}, [])
    change_contact(1, phone="2")
    with commits() as found:
        run = pulling.pulled(connection_id)
        deliver(hubspot, [webhook_event("contact.propertyChange", contact, propertyName="phone")])
        jobs.begin_refresh(connection_id)
        refresh = pulling.worked_off(max(one.id for one in pulling.all_rows(Run)))
        edit(phone="+49 228 7")
        pushed(connection_id)
    assert (run.state, refresh.kind, refresh.state) == ("finished", "refresh", "finished")
    losable = [one for one in found if not one.is_durable]
    waits_for_all = in_app.extensions["sqlalchemy"].engine.dialect.name == "postgresql"
    assert bool(losable) != waits_for_all
    assert all(one.moves_a_checkpoint() for one in losable)
    assert not any(one.writes("outbox_records") or one.writes("inbox_notices") for one in losable)
    assert found[-1].is_durable
