"""A linked contact gets the company that HubSpot says once that is here, whoever brings it (B54)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from sqlalchemy import select

from tests.support.applications.services import current_services, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit_record
from webapp.models import Link
from webapp.store.webhooks import inbox
from webapp.usecases.reconcile import begin as begin_reconcile

pytestmark = pytest.mark.every_database


class Waiting(NamedTuple):
    """A company that a pull held, its contact, linked and with another one here, and the record it may be."""

    firm: str
    person: str
    record_id: int
    other_id: int


@pytest.fixture
def waiting(connection_id: int, sandbox: SandboxServer) -> Waiting:
    record, other = make_company(name="Birke Druckwerk", domain=None), make_company(name="Other", domain=None)
    make_contact(other.id, first_name="Eva", email="eva@birke.de")
    firm = sandbox.create("companies", {"name": "Birke Druckwerk", "domain": "birke.de"})["id"]
    person = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@birke.de"}, [firm])["id"]
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id)[0] == (firm, "held", "doubtful_match")
    assert _company_of(person) == other.id
    return Waiting(firm, person, record.id, other.id)


def _company_of(person: str) -> int | None:
    return pulling.contact(pulling.link_of(person).record_id).company_id


def test_it_gets_it_when_a_person_says_that_the_company_is_the_record(
    connection_id: int, waiting: Waiting
) -> None:
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == waiting.record_id


def test_it_gets_it_when_a_person_keeps_the_company_apart(connection_id: int, waiting: Waiting) -> None:
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "apart")
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == pulling.link_of(waiting.firm, "companies").record_id


def test_one_that_was_moved_in_hubspot_gets_it_too(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    """Automatic sync has brought the news, and the company was not here then."""
    values = {"firstname": "Ida", "email": "ida@third.de"}
    third = sandbox.create("companies", {"name": "Third", "domain": "third.de"})["id"]
    person = sandbox.create("contacts", values, [third])["id"]
    pulling.pulled(connection_id)
    before = _company_of(person)
    sandbox.update("contacts", person, {"city": "Ulm"}, companies=[waiting.firm])
    _looked_at(connection_id, person)
    assert (_company_of(person), pulling.link_of(person).awaited_company) == (before, waiting.firm)
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.looked_again(connection_id)
    assert (_company_of(person), pulling.link_of(person).awaited_company) == (waiting.record_id, None)


def test_an_edit_here_since_then_stays(connection_id: int, waiting: Waiting) -> None:
    """The later of the two changes decides, as everywhere in automatic sync."""
    third = make_company(name="Third", domain=None)
    edit_record("contacts", pulling.link_of(waiting.person).record_id, company_id=str(third.id))
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == third.id
    assert pulling.link_of(waiting.person).awaited_company is None


def test_it_gets_it_with_the_next_reconcile_where_its_company_was_linked_at_the_same_moment(
    connection_id: int, waiting: Waiting
) -> None:
    pulling.decided(pulling.left_out_of(waiting.firm, "companies").id, "link", waiting.record_id)
    pulling.forget_looks(connection_id)
    assert _company_of(waiting.person) == waiting.other_id
    started = begin_reconcile.start(current_services(), trigger="command", user_id=None, is_full=False)
    pulling.worked_off(started.run_id)
    pulling.looked_again(connection_id)
    assert _company_of(waiting.person) == waiting.record_id


def test_one_that_left_its_company_in_hubspot_waits_for_nothing(
    connection_id: int, sandbox: SandboxServer, waiting: Waiting
) -> None:
    other = sandbox.create("companies", {"name": "Other", "domain": "other.de"})["id"]
    sandbox.update("contacts", waiting.person, {}, companies=[other])
    pulling.pulled(connection_id)
    assert pulling.link_of(waiting.person).awaited_company is None


def _looked_at(connection_id: int, person: str) -> None:
    with writing() as session:
        contact = select(Link.connection_id, Link.object_type, Link.remote_id).where(
            Link.object_type == "contacts", Link.remote_id == person
        )
        inbox.add_looks(session, contact, datetime.now(UTC))
    pulling.looked_again(connection_id)
