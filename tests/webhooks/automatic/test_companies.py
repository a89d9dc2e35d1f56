"""A company that both sides may change: only a change here is sent, and the later one stays (B48)."""

from __future__ import annotations

import time

import pytest
from flask.testing import FlaskClient

from tests.support.faults.moving import MovingContact, overwritten
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import primary_of, pushed, pushed_record
from webapp.models import OutboxRecord

pytestmark = pytest.mark.one_database


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> MovingContact:
    return MovingContact(connection_id, sandbox, hubspot)


@pytest.mark.parametrize("refresh_first", [True, False])
def test_an_edit_of_another_field_leaves_a_company_that_hubspot_changed(
    portal: MovingContact, *, refresh_first: bool
) -> None:
    edit(phone="+49 228 7")
    portal.moves_there(1)
    runs = [portal.refreshed(), portal.sent()] if refresh_first else [portal.sent(), portal.refreshed()]
    assert portal.both() == portal.pair(1)
    assert portal.sandbox.get("contacts", portal.contact)["properties"]["phone"] == "+49 228 7"
    assert "associations" not in runs[0].counts or runs[0].counts["associations"] == {"unchanged": 1}
    assert overwritten(*runs) == []


def test_a_company_that_was_changed_here_is_sent_with_the_one_before(portal: MovingContact) -> None:
    portal.moves_here(1)
    run = portal.sent()
    assert (portal.both(), run.counts["associations"]) == (portal.pair(1), {"updated": 1})
    [entry] = pulling.entries(run.id)
    assert entry.changes == [["primary_company", portal.firms[0], portal.firms[1]]]


@pytest.mark.parametrize("refresh_first", [True, False])
def test_where_both_sides_changed_it_the_later_change_there_stays(
    portal: MovingContact, *, refresh_first: bool
) -> None:
    portal.moves_here(1)
    portal.moves_there(2)
    runs = [portal.refreshed(), portal.sent()] if refresh_first else [portal.sent(), portal.refreshed()]
    assert portal.both() == portal.pair(2)
    assert overwritten(*runs) == [{"field": "company_id", "value": portal.record_of(1), "side": "here"}]


@pytest.mark.parametrize("refresh_first", [True, False])
def test_where_both_sides_changed_it_the_later_change_here_is_sent(
    portal: MovingContact, *, refresh_first: bool
) -> None:
    portal.moves_there(2)
    portal.moves_here(1)
    runs = [portal.refreshed(), portal.sent()] if refresh_first else [portal.sent(), portal.refreshed()]
    assert portal.both() == portal.pair(1)
    push = runs[1] if refresh_first else runs[0]
    assert [one.changes for one in pulling.entries(push.id) if one.changes] == [
        [["primary_company", portal.firms[2], portal.firms[1]]]
    ]


def test_once_it_is_sent_nothing_moves_any_more(portal: MovingContact) -> None:
    portal.moves_there(2)
    portal.moves_here(1)
    portal.sent()
    changes = portal.sandbox.counts()["changes"]
    portal.refreshed()
    edit(phone="+49 228 8")
    portal.sent()
    portal.compared()
    assert portal.both() == portal.pair(1)
    assert portal.sandbox.counts()["changes"] == changes + 1
    assert pulling.all_rows(OutboxRecord) == []


@pytest.mark.parametrize("is_red", [True, False])
def test_who_pushes_sends_what_is_here(portal: MovingContact, *, is_red: bool) -> None:
    """A person's push is no automatic one: the side that started it takes precedence (B6)."""
    portal.moves_there(1)
    run = pushed_record(portal.connection_id, "contacts", 1) if is_red else pushed(portal.connection_id)
    assert (portal.both(), run.counts["associations"]) == (portal.pair(0), {"updated": 1})


def test_a_pull_keeps_a_company_that_was_changed_here_after_the_request(portal: MovingContact) -> None:
    run_id = pulling.begun(portal.connection_id)
    portal.moves_here(1)
    pulling.worked_off(run_id)
    assert portal.both() == (portal.record_of(1), portal.firms[0])
    portal.sent()
    assert portal.both() == portal.pair(1)


@pytest.mark.every_database
def test_a_pull_overwrites_a_company_that_waits_and_nothing_is_sent(portal: MovingContact) -> None:
    portal.moves_here(1)
    run = pulling.pulled(portal.connection_id)
    assert [entry.reason for entry in pulling.entries(run.id)] == ["overtaken_by_pull"]
    assert (portal.both(), pulling.all_rows(OutboxRecord)) == (portal.pair(0), [])


def test_a_company_that_is_not_here_leaves_the_edit_to_be_sent(portal: MovingContact) -> None:
    """The pull cannot bring it, and takes the edit for sent no more than HubSpot does."""
    stranger = str(portal.sandbox.create("companies", {"name": "stranger"})["id"])
    pulling.add_rule(
        portal.connection_id, "companies", {"field": "name", "operator": "is_not", "value": "stranger"}
    )
    portal.sandbox.update("contacts", portal.contact, {}, companies=[stranger])
    time.sleep(0.02)
    portal.moves_here(1)
    portal.refreshed()
    assert portal.both() == (portal.record_of(1), stranger)
    portal.sent()
    assert portal.both() == portal.pair(1)


@pytest.mark.parametrize("is_known", [True, False])
def test_a_merge_there_of_the_company_that_a_contact_left_here_takes_no_move_back(
    portal: MovingContact, *, is_known: bool
) -> None:
    """HubSpot takes the contact along into the company that stays: nobody has moved it there."""
    portal.moves_here(2)
    other = portal.firms[1] if is_known else str(portal.sandbox.create("companies", {"name": "four"})["id"])
    stays = str(portal.sandbox.merge("companies", other, portal.firms[0])["id"])
    assert primary_of(portal.sandbox, portal.contact) == stays
    run = portal.sent()
    assert (portal.both(), run.counts["associations"]) == (portal.pair(2), {"updated": 1})
    [entry] = [one for one in pulling.entries(run.id) if one.changes]
    assert entry.changes == [["primary_company", stays, portal.firms[2]]]


def test_a_merge_there_of_other_companies_leaves_the_later_move_there(portal: MovingContact) -> None:
    portal.moves_here(2)
    stranger = str(portal.sandbox.create("companies", {"name": "stranger"})["id"])
    stays = str(portal.sandbox.merge("companies", portal.firms[1], stranger)["id"])
    portal.sandbox.update("contacts", portal.contact, {}, companies=[stays])
    run = portal.sent()
    assert primary_of(portal.sandbox, portal.contact) == stays
    assert run.counts["associations"] == {"unchanged": 1}
