"""What a pull takes over from HubSpot, and what it leaves alone (B6, B7, odd values)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from tests.support.applications.services import writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.models import StatusMapping

pytestmark = pytest.mark.one_database


def test_hubspots_values_overwrite_ours_field_by_field(connection_id: int, sandbox: SandboxServer) -> None:
    """B6."""
    made = sandbox.create(
        "companies", {"name": "Nordlicht", "domain": "n.de", "city": "Berlin", "phone": "030 1234567"}
    )
    record = make_company(
        name="NORDLICHT",
        domain="n.de",
        city="Bremen",
        phone="030 1234567",
        street="Am Wall 3",
        version=4,
    )
    run = pulling.pulled(connection_id)
    company = pulling.company(record.id)
    assert (company.name, company.city, company.street) == ("Nordlicht", "Berlin", "Am Wall 3")
    assert (company.name_key, company.sort_key, company.version) == ("nordlicht", "nordlicht", 5)
    (entry,) = pulling.entries(run.id)
    assert (entry.remote_id, entry.record_id, entry.outcome) == (made["id"], record.id, "updated")
    assert entry.changes == [["name", "NORDLICHT", "Nordlicht"], ["city", "Bremen", "Berlin"]]


def test_an_edit_made_here_is_overwritten_by_the_next_pull(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """B6: a pull takes every mapped field that has data there, whoever changed it last."""
    sandbox.create("companies", {"name": "Nordlicht", "phone": "+49 30 1234567"})
    pulling.pulled(connection_id)
    (company,) = pulling.companies()
    with writing() as session:
        session.get_one(type(company), company.id).phone = "040 99"
    pulling.pulled(connection_id)
    assert pulling.company(company.id).phone == "+49 30 1234567"


def test_blanks_never_overwrite_and_zero_is_data(connection_id: int, sandbox: SandboxServer) -> None:
    """B7."""
    made = sandbox.create(
        "companies",
        {"name": "  ", "domain": "n.de", "city": " ", "numberofemployees": "0", "description": "\t\n"},
    )
    record = make_company(domain="n.de", city="Bremen", employees=12, description="Old", street="Wall 3")
    for empty_values in ("null", "absent"):
        sandbox.settings(empty_values=empty_values)
        pulling.pulled(connection_id)
        company = pulling.company(record.id)
        assert company.name == "Nordlicht Verlag GmbH"
        assert (company.city, company.description, company.street) == ("Bremen", "Old", "Wall 3")
        assert company.employees == 0
        sandbox.update("companies", made["id"], {"city": ""})


@pytest.mark.every_database
def test_the_link_remembers_what_both_sides_hold(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    made = sandbox.create(
        "contacts", {"firstname": "Eva", "email": "eva@n.de", "lifecyclestage": "subscriber"}, [firm["id"]]
    )
    record = make_contact(first_name="Evi", last_name="Kern", email="Eva@N.de")
    run = pulling.pulled(connection_id)
    link = pulling.link_of(made["id"])
    (company,) = pulling.companies()
    assert link.local_seen == {
        "first_name": "Eva",
        "last_name": "Kern",
        "email": "Eva@N.de",
        "status": "Lead",
        "company_id": company.id,
    }
    assert link.remote_seen == {
        "first_name": "Eva",
        "email": "eva@n.de",
        "status": "subscriber",
        "company_id": firm["id"],
    }
    assert (link.record_id, link.state, link.last_run_id) == (record.id, "linked", run.id)
    assert link.remote_updated_at is not None
    assert (
        link.remote_updated_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        == (sandbox.get("contacts", made["id"])["properties"]["lastmodifieddate"])
    )


def test_what_does_not_fit_is_left_alone_and_named_and_the_rest_is_taken(
    connection_id: int, sandbox: SandboxServer
) -> None:
    with writing() as session:
        session.execute(delete(StatusMapping).where(StatusMapping.from_value == "evangelist"))
    odd = {
        "long": {"name": "Long", "city": "x" * 121, "state": "Bremen"},
        "range": {"name": "Range", "numberofemployees": "3000000000", "state": "Bremen"},
        "status": {"name": "Status", "lifecyclestage": "evangelist", "state": "Bremen"},
        "fine": {"name": "Fine", "state": "Bremen"},
    }
    made = {key: sandbox.create("companies", values)["id"] for key, values in odd.items()}
    run = pulling.pulled(connection_id)
    assert pulling.outcomes(run.id) == [
        (made["long"], "created", "value_too_long"),
        (made["range"], "created", "value_not_fitting"),
        (made["status"], "created", "status_unmapped"),
        (made["fine"], "created", None),
    ]
    assert [(one.region, one.city, one.employees, one.status) for one in pulling.companies()] == [
        ("Bremen", None, None, None)
    ] * 4
    details = [
        (entry.detail or {"fields": [{}]})["fields"][0].get("field") for entry in pulling.entries(run.id)
    ]
    assert details == ["city", "employees", "status", None]


def test_a_misfit_never_overwrites(connection_id: int, sandbox: SandboxServer) -> None:
    sandbox.create("companies", {"name": "Nord", "domain": "n.de", "city": "x" * 121, "zip": "10115"})
    record = make_company(name="Nord", domain="n.de", city="Bremen")
    pulling.pulled(connection_id)
    company = pulling.company(record.id)
    assert (company.city, company.postcode) == ("Bremen", "10115")


@pytest.mark.every_database
def test_what_no_database_can_hold_is_mended_on_the_way(connection_id: int, sandbox: SandboxServer) -> None:
    firm = sandbox.create("companies", {"name": "Nord\0licht", "city": "Berlin \ud83d", "description": "\0"})
    made = sandbox.create("contacts", {"firstname": "E\0va", "email": "eva@n.de"}, [firm["id"]])
    sandbox.update("contacts", made["id"], {"hs_additional_emails": "e\0va.old@n.de"})
    held = sandbox.create("contacts", {"firstname": "No\0body", "lastname": "\ud83d", "email": "no@n.de"})
    run = pulling.pulled(connection_id)
    assert run.state == "finished"
    (company,) = pulling.companies()
    (contact,) = pulling.contacts()
    assert (company.name, company.city, company.description) == ("Nordlicht", "Berlin \ufffd", None)
    assert contact.first_name == "Eva"
    assert pulling.left_out_of(held["id"]).display_name == "Nobody \ufffd"
    assert [outcome for _, outcome, _ in pulling.outcomes(run.id)] == ["created", "created", "skipped"]


def test_of_ten_companies_the_primary_is_taken_else_the_lowest_id(
    connection_id: int, sandbox: SandboxServer
) -> None:
    sandbox.settings(first_company_becomes_primary=False)
    companies = [{"name": f"Firm {n}", "domain": f"f{n}.de"} for n in range(10)]
    firms = [sandbox.create("companies", values)["id"] for values in companies]
    primary = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@x.de"}, [firms[6], *firms])
    none = sandbox.create("contacts", {"firstname": "Jonas", "email": "jonas@x.de"})
    path = "/crm/v4/associations/contacts/companies/batch/associate/default"
    inputs = [{"from": {"id": none["id"]}, "to": {"id": firm}} for firm in reversed(firms)]
    assert sandbox.api("POST", path, json={"inputs": inputs}).ok
    pulling.pulled(connection_id)
    by_id = {link.remote_id: link.record_id for link in pulling.links("companies")}
    owners = {contact.first_name: contact.company_id for contact in pulling.contacts()}
    assert owners == {"Eva": by_id[firms[6]], "Jonas": by_id[firms[0]]}
    assert primary["associations"]["companies"]
