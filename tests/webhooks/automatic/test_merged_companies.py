"""A contact that was moved here while HubSpot merges companies: a merge is no move of the contact (B48)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import pytest
from flask.testing import FlaskClient

from tests.support.faults.moving import MovingContact, overwritten
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from webapp.models import OutboxRecord, Run

pytestmark = pytest.mark.one_database

Reader = Literal["event", "comparison"]


@pytest.fixture
def portal(connection_id: int, sandbox: SandboxServer, hubspot: FlaskClient) -> MovingContact:
    return MovingContact(connection_id, sandbox, hubspot)


def _read_by(portal: MovingContact, reader: Reader) -> Run:
    return portal.refreshed() if reader == "event" else portal.compared()


def _stranger(portal: MovingContact, name: str = "four") -> str:
    return str(portal.sandbox.create("companies", {"name": name, "domain": f"{name}.de"})["id"])


@pytest.mark.parametrize("reader", ["event", "comparison"])
@pytest.mark.parametrize("survivor", ["linked", "new", "known", "merged on"])
def test_the_company_that_the_contact_left_here_is_merged_and_the_contact_read_before_the_push(
    portal: MovingContact, reader: Reader, survivor: str
) -> None:
    """The one that stays may have a record of its own, or come here before or now, or be merged once more."""
    portal.moves_here(2)
    other = portal.firms[1] if survivor == "linked" else _stranger(portal)
    if survivor == "known":
        portal.compared()
    stays = portal.merged(other, portal.firms[0])
    if survivor == "merged on":
        portal.merged(_stranger(portal, "five"), stays)
    read = _read_by(portal, reader)
    assert (portal.both()[0], overwritten(read)) == (portal.record_of(2), [])
    portal.sent()
    assert portal.both() == portal.pair(2)
    portal.compared()
    assert (portal.both(), pulling.all_rows(OutboxRecord)) == (portal.pair(2), [])


@pytest.mark.parametrize("reader", ["event", "comparison", None])
@pytest.mark.parametrize("is_later_here", [True, False])
def test_a_move_there_keeps_its_time_when_the_company_is_merged_afterwards(
    portal: MovingContact, reader: Reader | None, *, is_later_here: bool
) -> None:
    moves: list[Callable[[], None]] = [partial(portal.moves_there, 1), partial(portal.moves_here, 2)]
    for move in moves if is_later_here else reversed(moves):
        move()
    stays = portal.merged(_stranger(portal), portal.firms[1])
    if reader is not None:
        _read_by(portal, reader)
    portal.sent()
    portal.compared()
    survivor = pulling.link_of(stays, "companies").record_id
    assert portal.both() == (portal.pair(2) if is_later_here else (survivor, stays))


@pytest.mark.parametrize("is_later_here", [True, False])
def test_the_later_change_stays_where_the_contact_itself_is_merged(
    portal: MovingContact, *, is_later_here: bool
) -> None:
    """What is read is another object than the one that is linked until now."""
    number, there = portal.contact, "+49 228 3"
    other = str(
        portal.sandbox.create("contacts", {"email": "e@one.de", "phone": "77"}, [portal.firms[1]])["id"]
    )
    changes: list[Callable[[], None]] = [
        partial(portal.changes_there, phone=there),
        partial(edit, phone="+49 228 2"),
    ]
    for change in changes if is_later_here else reversed(changes):
        change()
    portal.moves_here(2)
    portal.contact = str(portal.sandbox.merge("contacts", number, other)["id"])
    portal.compared()
    portal.sent()
    assert portal.both() == portal.pair(2)
    phone = portal.sandbox.get("contacts", portal.contact)["properties"]["phone"]
    assert (phone == there) is not is_later_here


def test_a_contact_moved_to_a_company_that_is_merged_follows_though_no_event_tells(
    portal: MovingContact,
) -> None:
    """The push meets the company's former object, which is not there any more: that is looked at."""
    portal.moves_here(2)
    record_id, stays = portal.record_of(2), portal.merged(_stranger(portal), portal.firms[2])
    failed = portal.sent()
    assert [(one.outcome, one.reason) for one in pulling.entries(failed.id)] == [
        ("failed", "association_refused")
    ]
    assert pulling.looked_again(portal.connection_id) is not None
    portal.sent()
    assert portal.both() == (record_id, stays)
