"""A database that was restored from an older backup is noticed before a Push overwrites what is newer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_contact
from tests.support.samples.quiet_portal import Portal
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import change_contact, give_key, objects, pushed
from webapp.domain.connection.own_keys import has_prefix, new_key, new_prefix
from webapp.models import Contact, Link, Run, User
from webapp.store.connection import connections
from webapp.store.records import installation
from webapp.usecases.reconcile import begin as begin_reconcile

LogIn = Callable[[User], FlaskClient]


def test_a_key_is_a_uuid_that_begins_with_its_installations_prefix() -> None:
    prefix, other = new_prefix(), new_prefix()
    keys = {new_key(prefix) for _ in range(200)}
    assert len(keys) == 200
    assert {len(key) for key in keys} == {36}
    assert all(has_prefix(key, prefix) and not has_prefix(key, other) for key in keys)
    assert not has_prefix(f"{prefix[:8]}-{prefix[8:]}-4000-8000-000000000000", prefix)
    assert not has_prefix(None, prefix)


@pytest.fixture
def made_since(portal: Portal) -> str:
    """A contact made and pushed since the backup; the id of its object, which is not known here."""
    give_key(portal.sandbox, portal.connection_id)
    made = make_contact(1, first_name="New", email="new@n.de").id
    assert pushed(portal.connection_id).state == "finished"
    [object_id] = [link.remote_id for link in pulling.links("contacts") if link.record_id == made]
    with writing() as session:
        session.execute(delete(Link).where(Link.record_id == made, Link.object_type == "contacts"))
        session.execute(delete(Contact).where(Contact.id == made))
    return object_id


def _phone(portal: Portal) -> object:
    return portal.sandbox.get("contacts", portal.contacts[0])["properties"].get("phone")


def _restored(portal: Portal) -> bool:
    return pulling.connection_of(portal.connection_id).restored_at is not None


def test_what_is_made_gets_the_prefix_and_a_record_keeps_its_former_key_until_then(portal: Portal) -> None:
    give_key(portal.sandbox, portal.connection_id)
    record = make_contact(1, first_name="New", email="new@n.de")
    assert pushed(portal.connection_id).state == "finished"
    with reading() as session:
        prefix, kept = installation.key_prefix(session), session.get_one(Contact, record.id).uuid
    assert has_prefix(kept, prefix)
    keys = [one.get("twinbook_id") for one in objects(portal.sandbox, "contacts", "twinbook_id")]
    assert [key for key in keys if key] == [kept]
    assert pushed(portal.connection_id).state == "finished"
    assert not _restored(portal)


def test_a_push_notices_it_and_overwrites_nothing_until_all_was_compared(
    portal: Portal, made_since: str
) -> None:
    portal.sandbox.update("contacts", portal.contacts[0], {"phone": "newer"})
    change_contact(2, phone="here")
    run = pushed(portal.connection_id)
    assert (run.state, run.waiting_for) == ("running", "comparison")
    assert (_phone(portal), _restored(portal)) == ("newer", True)
    begin_reconcile.begin_due(current_services())
    [reconcile] = [one for one in pulling.all_rows(Run) if one.kind == "reconcile"]
    assert reconcile.options["is_full"]
    assert pulling.worked_off(reconcile.id).state == "finished"
    assert (pulling.contact(1).phone, _restored(portal)) == ("newer", False)
    again = pulling.link_of(made_since)
    assert pulling.contact(again.record_id).email == "new@n.de"
    assert pulling.wait_is_over(run.id).state == "finished"
    assert _phone(portal) == "newer"
    assert len(objects(portal.sandbox, "contacts")) == 4


@pytest.mark.parametrize("way", ["reconcile", "pull"])
def test_whatever_meets_the_object_notices_it_once(portal: Portal, made_since: str, way: str) -> None:
    """The record that is made of it bears the key again, so that it is known from then on."""
    assert made_since
    if way == "pull":
        pulling.pulled(portal.connection_id)
    else:
        portal.reconciled()
    assert _restored(portal)
    assert portal.reconciled(is_full=True).state == "finished"
    assert not _restored(portal)
    portal.sandbox.update("contacts", made_since, {"phone": "5"})
    portal.reconciled()
    assert pushed(portal.connection_id).state == "finished"
    assert not _restored(portal)


@pytest.mark.one_database
def test_objects_of_another_installation_and_of_earlier_versions_say_nothing(portal: Portal) -> None:
    give_key(portal.sandbox, portal.connection_id)
    make_contact(1, first_name="New", email="new@n.de")
    pushed(portal.connection_id)
    former = "0b6a1d56-7a0c-4c5e-9d0e-0123456789ab"
    for number, key in enumerate((new_key(new_prefix()), former)):
        values = {"firstname": "Other", "email": f"o{number}@n.de", "twinbook_id": key}
        portal.sandbox.create("contacts", values, [portal.company])
    assert portal.reconciled(is_full=True).state == "finished"
    assert pushed(portal.connection_id).state == "finished"
    assert not _restored(portal)


@pytest.mark.one_database
def test_the_page_of_the_connection_says_why_a_push_waits(
    app: Flask, sandbox: SandboxServer, administrator: User, logged_in: LogIn
) -> None:
    with app.app_context():
        portal = Portal(pulling.connected(), sandbox)
    page = logged_in(administrator)
    assert "older backup" not in page.get("/integrations/hubspot").text
    with app.app_context(), writing() as session:
        connections.record_restored(session, portal.connection_id, datetime.now(UTC))
    assert "seems to come from an older backup" in page.get("/integrations/hubspot").text
