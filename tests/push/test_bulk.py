"""A push of everything: what HubSpot holds afterwards, and what a second push does."""

from __future__ import annotations

import pytest

from tests.support.applications.services import writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import announced, change_company, held, objects, primary_of, pushed
from webapp.domain.records.values import Value
from webapp.store.records import records
from webapp.usecases.push import page as push_page


def test_new_companies_and_contacts_are_made_once_with_their_association(
    with_key: int, sandbox: SandboxServer
) -> None:
    company = make_company(name="Acme", domain="acme.de", city="Bonn")
    make_contact(first_name="Ana", last_name="Ito", email="Ana@acme.de", company_id=company.id)
    run = pushed(with_key)
    assert (run.state, run.counts) == (
        "finished",
        {"companies": {"created": 1}, "contacts": {"created": 1}, "associations": {"unchanged": 1}},
    )
    [acme] = objects(sandbox, "companies", "name", "domain", "city")
    assert (acme["name"], acme["domain"], acme["city"]) == ("Acme", "acme.de", "Bonn")
    [ana] = objects(sandbox, "contacts", "firstname", "email")
    assert (ana["firstname"], ana["email"]) == ("Ana", "ana@acme.de")
    assert primary_of(sandbox, ana["id"]) == acme["id"]
    assert not announced()
    assert not held()


@pytest.mark.one_database
def test_a_second_push_right_after_the_first_only_reads(with_key: int, sandbox: SandboxServer) -> None:
    company = make_company(name="Acme", domain="acme.de", phone="+49 228 1", status="Prospect")
    make_contact(first_name="Ana", email="Ana@acme.de", phone="0228 / 22 33 44", company_id=company.id)
    pushed(with_key)
    writes = sandbox.counts()["writes"]
    run = pushed(with_key)
    assert run.counts == {
        "companies": {"unchanged": 1},
        "contacts": {"unchanged": 1},
        "associations": {"unchanged": 1},
    }
    assert sandbox.counts()["writes"] == writes


def test_only_what_differs_is_sent_and_the_prior_value_is_kept(with_key: int, sandbox: SandboxServer) -> None:
    made = sandbox.create("companies", {"name": "Acme", "domain": "acme.de", "city": "Bonn", "zip": "53111"})
    pulling.pulled(with_key)
    change_company(1, city="Köln", postcode=None)
    run = pushed(with_key)
    assert run.counts["companies"] == {"updated": 1}
    assert [entry.changes for entry in pulling.entries(run.id)] == [[["city", "Bonn", "Köln"]]]
    there = sandbox.get("companies", made["id"])["properties"]
    assert (there["city"], there["zip"]) == ("Köln", "53111")


def test_what_hubspot_has_already_is_matched_instead_of_made_again(
    with_key: int, sandbox: SandboxServer
) -> None:
    sandbox.settings(search_delay_s=0)
    acme = sandbox.create("companies", {"name": "Acme AG", "domain": "acme.de"})
    plain = sandbox.create("companies", {"name": "No Domain Ltd", "city": "Bonn"})
    ana = sandbox.create("contacts", {"firstname": "Anna", "email": "ana@acme.de"})
    make_company(name="Acme", domain="acme.de")
    make_company(name="no domain ltd", domain=None, city="Bonn")
    make_contact(first_name="Ana", email="ANA@acme.de", company_id=1)
    run = pushed(with_key)
    assert run.counts["companies"] == {"updated": 2}
    assert run.counts["contacts"] == {"updated": 1}
    assert [one["id"] for one in objects(sandbox, "companies")] == [acme["id"], plain["id"]]
    assert [one["id"] for one in objects(sandbox, "contacts")] == [ana["id"]]
    assert pulling.link_of(acme["id"], "companies").record_id == 1
    assert primary_of(sandbox, ana["id"]) == acme["id"]
    assert {entry.reason for entry in pulling.entries(run.id)} == {"matched", "associated"}


@pytest.mark.one_database
def test_a_page_that_takes_longer_than_a_slice_gets_further_all_the_same(
    with_key: int, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slice is over for long before its page is found, and sends one batch nevertheless."""
    monkeypatch.setattr(push_page, "GRACE_S", -30.0)
    monkeypatch.setattr(push_page, "LONGEST_GRACE_S", -30.0)
    firms: list[dict[str, Value]] = [{"name": f"Firm {n}", "domain": f"firm{n}.de"} for n in range(250)]
    with writing() as session:
        records.insert_many(session, "companies", firms)
    run = pushed(with_key)
    assert (run.state, run.counts["companies"]) == ("finished", {"created": 250})
    assert len(objects(sandbox, "companies")) == 250
