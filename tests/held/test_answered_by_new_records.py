"""A record that comes later, or gets another address, may be what a held object is (B54)."""

from __future__ import annotations

import pytest

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import importing, pulling
from tests.support.usecases.editing import edit_record
from webapp.usecases.records import editing


def _typed(connection_id: int) -> None:
    form = {"name": "Birke Druckwerk", "domain": "https://www.birke.de/"}
    editing.create(current_services(), "companies", form)
    pulling.looked_again(connection_id)


def _imported(connection_id: int) -> None:
    importing.imported(importing.checked("companies", "name,domain\nBirke Druckwerk,birke.de\n"))
    pulling.looked_again(connection_id)


def _another_gets_it(connection_id: int) -> None:
    other = make_company(name="Birke Druckwerk GmbH & Co. KG", domain=None, city="Kiel").id
    edit_record("companies", other, domain="birke.de")
    pulling.looked_again(connection_id)


@pytest.mark.parametrize("come", [_typed, _imported, _another_gets_it])
@pytest.mark.one_database
def test_a_record_with_the_domain_of_a_held_object_is_linked_and_who_waited_comes_in(
    connection_id: int, sandbox: SandboxServer, come: object
) -> None:
    make_company(name="Birke Druckwerk", domain=None)
    firm = sandbox.create("companies", {"name": "Birke Druckwerk", "domain": "birke.de"})["id"]
    person = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@birke.de"}, [firm])["id"]
    pulling.pulled(connection_id)
    assert pulling.left_out_of(firm, "companies").state == "held"
    come(connection_id)  # type: ignore[operator]
    pulling.looked_again(connection_id)
    linked = pulling.company(pulling.link_of(firm, "companies").record_id)
    assert linked.domain == "birke.de"
    assert pulling.left_out() == []
    assert pulling.contact(pulling.link_of(person).record_id).company_id == linked.id


def test_a_contact_with_the_address_of_a_held_object_is_linked(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    make_contact(first_name="Eva", last_name="Kern", email="office@other.de", phone="030 1234567")
    values = {"firstname": "Eva", "lastname": "Kern", "email": "eva@n.de", "phone": "+49301234567"}
    there = sandbox.create("contacts", values, [firm])["id"]
    pulling.pulled(connection_id)
    assert pulling.left_out_of(there).state == "held"
    form = {"first_name": "Eva", "last_name": "Kern", "email": "Eva Kern <Eva@n.de>", "company_id": "1"}
    assert isinstance(editing.create(current_services(), "contacts", form), editing.Saved)
    pulling.looked_again(connection_id)
    assert pulling.contact(pulling.link_of(there).record_id).email == "Eva@n.de"
