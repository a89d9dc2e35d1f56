"""Matching before creating, from both ends of the wire (B9, B31 to B33)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.applications.services import writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.editing import edit
from tests.support.usecases.pushing import give_key
from webapp.models import ContactAddress


def _contact_in(sandbox: SandboxServer, **properties: Any) -> str:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    return str(sandbox.create("contacts", properties, [firm["id"]])["id"])


def test_a_contact_is_found_by_its_address_whatever_the_case(
    connection_id: int, sandbox: SandboxServer
) -> None:
    remote_id = _contact_in(sandbox, firstname="Eva", email="eva@n.de")
    local = make_contact(first_name="Evi", email="EVA@n.de")
    run = pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id
    assert (remote_id, "updated", "matched") in pulling.outcomes(run.id)
    assert len(pulling.contacts()) == 1


def test_what_a_push_marked_is_found_by_its_key_alone(connection_id: int, sandbox: SandboxServer) -> None:
    """Nothing else says that they are the same: a push made it, and was cancelled before it could say so."""
    give_key(sandbox, connection_id)
    local = make_contact(first_name="Ana", last_name="Roth", email=None)
    remote_id = _contact_in(sandbox, firstname="Anna", lastname="Haas", twinbook_id=local.uuid)
    run = pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id
    assert (remote_id, "updated", "matched") in pulling.outcomes(run.id)


@pytest.mark.one_database
def test_an_object_with_a_records_key_and_another_address_is_a_question(
    connection_id: int, sandbox: SandboxServer
) -> None:
    give_key(sandbox, connection_id)
    local = make_contact(email="ana@n.de")
    remote_id = _contact_in(sandbox, email="eva@n.de", twinbook_id=local.uuid)
    run = pulling.pulled(connection_id)
    assert (remote_id, "held", "doubtful_match") in pulling.outcomes(run.id)
    assert len(pulling.contacts()) == 1


def test_a_contact_is_found_by_an_address_that_is_secondary_there(
    connection_id: int, sandbox: SandboxServer
) -> None:
    remote_id = _contact_in(sandbox, email="new@n.de", hs_additional_emails="eva@n.de;other@n.de")
    local = make_contact(email="eva@n.de")
    pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id


def test_a_contact_is_found_by_an_address_that_is_secondary_here(
    connection_id: int, sandbox: SandboxServer
) -> None:
    remote_id = _contact_in(sandbox, email="Old@n.de")
    local = make_contact(email="eva@n.de")
    with writing() as session:
        session.add(ContactAddress(contact_id=local.id, email_key="old@n.de"))
    pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id


@pytest.mark.one_database
def test_secondary_addresses_are_kept_for_the_next_match(connection_id: int, sandbox: SandboxServer) -> None:
    _contact_in(sandbox, firstname="Eva", email="eva@n.de", hs_additional_emails="Eva.Old@n.de")
    pulling.pulled(connection_id)
    (contact,) = pulling.contacts()
    with writing() as session:
        kept = session.get(ContactAddress, (contact.id, "eva.old@n.de"))
    assert kept is not None


def test_a_contact_is_found_by_phone_and_name(connection_id: int, sandbox: SandboxServer) -> None:
    remote_id = _contact_in(sandbox, firstname="Eva", lastname="Kern", phone="+49 30 1234567")
    local = make_contact(first_name="EVA", last_name="Kern", email=None, phone="030/1234567")
    pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id


def test_a_contact_is_found_by_its_name_within_its_company(
    connection_id: int, sandbox: SandboxServer
) -> None:
    firm = make_company(name="Nordlicht", domain="n.de")
    local = make_contact(firm.id, first_name="Eva", last_name="Kern", email=None)
    make_contact(make_company(domain="else.de").id, first_name="Eva", last_name="Kern", email=None)
    remote_id = _contact_in(sandbox, firstname="Eva", lastname="Kern", email="eva@n.de")
    pulling.pulled(connection_id)
    assert pulling.link_of(remote_id).record_id == local.id


@pytest.mark.one_database
def test_a_doubtful_contact_is_held_with_candidates_and_evidence(
    connection_id: int, sandbox: SandboxServer
) -> None:
    local = make_contact(first_name="Eva", last_name="Kern", email="other@x.de", phone="030 1234567")
    remote_id = _contact_in(sandbox, firstname="Eva", lastname="Kern", email="eva@n.de", phone="+49301234567")
    run = pulling.pulled(connection_id)
    held = pulling.left_out_of(remote_id)
    evidence = ["same_name", "same_phone", "other_email"]
    assert (held.state, held.reason) == ("held", "doubtful_match")
    assert held.detail == {"candidates": [{"record_id": local.id, "evidence": evidence, "points": 16}]}
    assert run.counts["contacts"] == {"held": 1}
    assert len(pulling.contacts()) == 1


@pytest.mark.one_database
def test_several_hits_are_held(connection_id: int, sandbox: SandboxServer) -> None:
    one, two = make_contact(email="eva@n.de"), make_contact(email="Eva@n.de")
    remote_id = _contact_in(sandbox, email="eva@n.de")
    pulling.pulled(connection_id)
    held = pulling.left_out_of(remote_id)
    assert (held.state, held.reason) == ("held", "several_candidates")
    assert [item["record_id"] for item in (held.detail or {})["candidates"]] == [one.id, two.id]


@pytest.mark.parametrize(
    ("local", "remote"),
    [
        ({"name": "Alpha", "domain": "n.de"}, {"name": "ALPHA GmbH", "domain": "www.n.de"}),
        (
            {"name": "Nordlicht GmbH", "domain": None, "city": "Berlin"},
            {"name": "NORDLICHT", "domain": "n.de", "city": "berlin"},
        ),
        (
            {"name": "Nordlicht GmbH", "domain": None, "phone": "030 1234567"},
            {"name": "Nordlicht AG", "phone": "+49 30 1234567"},
        ),
    ],
    ids=["domain", "name and place", "name and phone"],
)
def test_a_company_is_found(
    connection_id: int, sandbox: SandboxServer, local: dict[str, Any], remote: dict[str, Any]
) -> None:
    made, record = sandbox.create("companies", remote), make_company(**local)
    run = pulling.pulled(connection_id)
    assert pulling.link_of(made["id"], "companies").record_id == record.id
    assert pulling.outcomes(run.id) == [(made["id"], "updated", "matched")]
    assert len(pulling.companies()) == 1


@pytest.mark.one_database
def test_a_free_mail_domain_is_no_evidence(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Café Eins", "domain": "gmail.com"})
    make_company(name="Bau Zwei", domain="gmail.com")
    pulling.pulled(connection_id)
    assert pulling.names(pulling.companies()) == ["Bau Zwei", "Café Eins"]


@pytest.mark.one_database
def test_two_objects_for_one_record_link_the_lower_id_and_import_the_other(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """Two objects in HubSpot are two records here, and the log says what they look like (B32)."""
    local = make_company(name="Nordlicht", domain="n.de")
    lower, higher, third = (
        sandbox.create("companies", {"name": name, "domain": domain})["id"]
        for name, domain in (("NORDLICHT", "n.de"), ("Nordlicht AG", "n.de"), ("Third", "t.de"))
    )
    run = pulling.pulled(connection_id)
    assert sorted(pulling.outcomes(run.id)) == [
        (lower, "updated", "matched"),
        (higher, "created", "looks_like_another"),
        (third, "created", None),
    ]
    assert pulling.link_of(lower, "companies").record_id == local.id
    entry = next(one for one in pulling.entries(run.id) if one.remote_id == higher)
    alike = {"record_id": local.id, "evidence": ["same_domain", "same_name"], "points": 37}
    assert (entry.detail, pulling.left_out()) == ({"looks_like": [alike]}, [])
    assert pulling.names(pulling.companies()) == ["NORDLICHT", "Nordlicht AG", "Third"]


def test_a_company_is_found_by_a_domain_that_is_a_further_one_there(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """B31: any of the company's domains."""
    there = {"name": "Nordlicht AG", "domain": "n.com", "hs_additional_domains": "n.net;n.de"}
    made, record = sandbox.create("companies", there), make_company(name="Nordlicht", domain="n.de")
    run = pulling.pulled(connection_id)
    assert pulling.link_of(made["id"], "companies").record_id == record.id
    assert pulling.outcomes(run.id) == [(made["id"], "updated", "matched")]


@pytest.mark.one_database
def test_no_question_is_asked_about_a_record_that_another_object_of_the_page_is(
    connection_id: int, sandbox: SandboxServer
) -> None:
    record = make_company(name="Birke Druckwerk", city="Ulm", domain="birke.de")
    like = sandbox.create("companies", {"name": "Birke Druck", "city": "Ulm"})["id"]
    same = sandbox.create("companies", {"name": "Birke Druckwerk", "domain": "birke.de"})["id"]
    run = pulling.pulled(connection_id)
    assert sorted(entry[:2] for entry in pulling.outcomes(run.id)) == [(like, "created"), (same, "updated")]
    assert pulling.link_of(same, "companies").record_id == record.id


@pytest.mark.one_database
def test_an_object_is_imported_beside_one_that_it_was_held_for_once_that_is_linked(
    connection_id: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes first in a pull: the doubt has ended when the pull does: it is another's."""
    pulling.short_pages(monkeypatch, 1)
    record = make_company(name="Birke Druckwerk", city="Ulm", domain="birke.de")
    held = sandbox.create("companies", {"name": "Birke Druck", "city": "Ulm"})["id"]
    for number in range(20):
        sandbox.create("companies", {"name": f"Firm {number}", "domain": f"firm{number}.de"})
    same = sandbox.create("companies", {"name": "Birke Druckwerk", "domain": "birke.de"})["id"]
    run = pulling.pulled(connection_id)
    outcomes = {entry[0]: entry[1:] for entry in pulling.outcomes(run.id)}
    assert (outcomes[held], outcomes[same]) == (("created", None), ("updated", "matched"))
    assert pulling.link_of(same, "companies").record_id == record.id
    assert pulling.left_out() == []
    before = pulling.link_of(held, "companies").record_id
    pulling.looked_again(connection_id)
    assert pulling.link_of(held, "companies").record_id == before


def test_a_held_object_is_looked_at_again_once_a_person_changes_its_candidate(
    connection_id: int, sandbox: SandboxServer
) -> None:
    employer = make_company(name="Else", domain="else.de").id
    known = {"first_name": "Eva", "last_name": "Kern", "email": "other@x.de", "phone": "030 1234567"}
    record = make_contact(employer, **known)
    held = _contact_in(sandbox, firstname="Eva", lastname="Kern", email="eva@n.de", phone="+49301234567")
    pulling.pulled(connection_id)
    assert pulling.left_out_of(held).state == "held"
    edit(record.id, first_name="Ida", last_name="Roth", phone="030 7654321")
    pulling.looked_again(connection_id)
    assert pulling.left_out() == []
    assert pulling.link_of(held).record_id != record.id
