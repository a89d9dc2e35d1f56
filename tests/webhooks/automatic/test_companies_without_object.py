"""A contact that was moved here to a company without object: it is sent once that has one (B48)."""

from __future__ import annotations

from typing import Literal

import pytest
from flask.testing import FlaskClient

from tests.support.applications.services import current_services, writing
from tests.support.faults.moving import MovingContact
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit, edit_record
from tests.support.usecases.pushing import give_key, pushed, pushed_record
from webapp.models import Connection, OutboxRecord
from webapp.usecases.links import switch

pytestmark = pytest.mark.one_database


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> MovingContact:
    moving = MovingContact(connection_id, sandbox, hubspot)
    give_key(sandbox, connection_id)
    sandbox.settings(search_delay_s=0)
    return moving


def _moves_to_new(portal: MovingContact) -> int:
    """The contact is moved here to a company that is only here, and nothing can be sent; the company."""
    company_id = make_company(name="New", domain="new.de").id
    edit(company_id=str(company_id))
    run = portal.sent()
    assert [(one.outcome, one.reason) for one in pulling.entries(run.id)] == [
        ("skipped", "company_not_linked")
    ]
    assert pulling.all_rows(OutboxRecord) == []
    return company_id


def _object_of(company_id: int) -> str:
    [link] = [one for one in pulling.links("companies") if one.record_id == company_id]
    return link.remote_id


def _rests_at(portal: MovingContact, company_id: int) -> bool:
    while pulling.all_rows(OutboxRecord):
        portal.sent()
    return portal.both() == (company_id, _object_of(company_id))


def test_a_preview_says_so_and_a_push_of_all_sends_both(portal: MovingContact) -> None:
    company_id = _moves_to_new(portal)
    foreseen = pulling.worked_off(pulling.begun(portal.connection_id, "push", is_preview=True))
    run = pushed(portal.connection_id)
    assert (run.counts, _rests_at(portal, company_id)) == (foreseen.counts, True)


@pytest.mark.every_database
def test_the_company_s_own_push_takes_it_along(portal: MovingContact) -> None:
    company_id = _moves_to_new(portal)
    pushed_record(portal.connection_id, "companies", company_id)
    assert _rests_at(portal, company_id)


def test_an_automatic_push_that_makes_the_company_sends_it_too(portal: MovingContact) -> None:
    company_id = _moves_to_new(portal)
    with writing() as session:
        row = session.get_one(Connection, portal.connection_id)
        row.automatic = {**(row.automatic or {}), "create": True}
    edit_record("companies", company_id, name="Newer")
    portal.sent()
    assert _rests_at(portal, company_id)


def test_an_object_that_the_company_is_found_to_be_sends_it(portal: MovingContact) -> None:
    company_id = _moves_to_new(portal)
    portal.sandbox.create("companies", {"name": "New", "domain": "new.de"})
    portal.compared()
    assert _rests_at(portal, company_id)


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_company_that_is_deleted_there_and_restored(portal: MovingContact, *, is_seen: bool) -> None:
    company_id = portal.record_of(2)
    portal.sandbox.archive("companies", portal.firms[2])
    if is_seen:
        portal.compared()
    edit(company_id=str(company_id))
    portal.sent()
    portal.compared()
    assert portal.both() == (company_id, portal.firms[0])
    portal.sandbox.restore("companies", portal.firms[2])
    portal.compared()
    assert _rests_at(portal, company_id)


def test_a_company_whose_sync_a_person_stops_and_starts_again(portal: MovingContact) -> None:
    company_id = portal.record_of(2)
    switch.stop(current_services(), portal.connection_id, "companies", company_id)
    edit(company_id=str(company_id))
    portal.sent()
    assert portal.both() == (company_id, portal.firms[0])
    switch.start(current_services(), portal.connection_id, "companies", company_id, user_id=None)
    assert _rests_at(portal, company_id)


@pytest.mark.parametrize("later", ["here", "there"])
def test_while_it_waits_the_later_move_stays_as_ever(
    portal: MovingContact, later: Literal["here", "there"]
) -> None:
    if later == "here":
        portal.moves_there(1)
    company_id = _moves_to_new(portal)
    if later == "there":
        portal.moves_there(1)
    portal.refreshed()
    if later == "there":
        assert portal.both() == portal.pair(1)
        return
    pushed_record(portal.connection_id, "companies", company_id)
    assert _rests_at(portal, company_id)
