"""Who is linked is out of the way of those that look alike, and never hidden from matching (B31)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import current_services, reading
from tests.support.plain.plain import CONTACTS, remote
from tests.support.samples.factories import make_company, make_contact, make_link
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.matching.candidates import MOST_OF_A_KEY
from webapp.store.pull.facts import gather
from webapp.usecases.connection import connect

_AT_ONE_PHONE: dict[str, Any] = {"email": None, "phone": "030 1234567"}


def _marked() -> set[str]:
    return {str(one.first_name) for one in pulling.contacts() if one.is_linked}


@pytest.mark.parametrize("many", [3, MOST_OF_A_KEY + 20])
def test_who_looks_alike_is_found_however_many_linked_ones_share_the_number(
    connection_id: int, many: int
) -> None:
    for number in range(many):
        linked = make_contact(first_name=f"Anna{number}", **_AT_ONE_PHONE)
        make_link(connection_id, "contacts", linked.id, str(number))
    record = make_contact(first_name="Jonas", last_name="Wieland", **_AT_ONE_PHONE)
    there = remote("77", firstname="Jonsa", lastname="Wieland", phone="+49 30 1234567")
    with reading() as session:
        found = gather(session, connection_id, CONTACTS, [there])
    assert set(found.index.known) == {record.id}


def test_a_record_is_marked_with_its_link_and_no_longer_than_that(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"email": "new@acme.de", "firstname": "New"}, [firm["id"]])
    sandbox.create("contacts", {"email": "known@acme.de", "firstname": "Known"}, [firm["id"]])
    make_contact(make_company(name="Acme", domain="acme.de").id, first_name="Known", email="known@acme.de")
    make_contact(1, first_name="Only here", email="here@acme.de")
    run = pulling.pulled(connection_id)
    assert _marked() == {"New", "Known"}
    pushed(connection_id)
    assert _marked() == {"New", "Known", "Only here"}
    undo_of(run.id)
    assert _marked() == {"Only here"}


def test_in_another_portal_nobody_is_linked_yet(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"email": "ana@acme.de", "firstname": "Ana"}, [firm["id"]])
    pulling.pulled(connection_id)
    assert _marked() == {"Ana"}
    connect.disconnect(current_services(), connection_id)
    sandbox.settings(portal_id=222333)
    second = pulling.connected()
    assert second != connection_id
    assert _marked() == set()
    sandbox.reset(companies=0, contacts=0)
    sandbox.settings(portal_id=222333)
    firm = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.create("contacts", {"email": "ana@acme.de", "firstname": "Ana"}, [firm["id"]])
    pulling.pulled(second)
    assert len(pulling.links("contacts")) == 2
    assert _marked() == set(), "linked in both of them by now, but not in one that may come"
