"""Who is let in: companies first, contacts with their company, the rules (B8)."""

from __future__ import annotations

import pytest

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling

pytestmark = pytest.mark.one_database


def test_contacts_come_with_their_company(connection_id: int, sandbox: SandboxServer) -> None:
    """B8."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [firm["id"]])
    run = pulling.pulled(connection_id)
    (company,), (contact,) = pulling.companies(), pulling.contacts()
    assert (company.name, contact.first_name, contact.company_id) == ("Nordlicht", "Eva", company.id)
    assert [entry.object_type for entry in pulling.entries(run.id)] == ["companies", "contacts"]
    assert (run.state, run.counts) == ("finished", {"companies": {"created": 1}, "contacts": {"created": 1}})


@pytest.mark.every_database
def test_a_contact_without_company_is_not_imported_but_listed(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """B8."""
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    alone = sandbox.create(
        "contacts", {"firstname": "Eva", "lastname": "Kern", "email": "Eva@x.de", "phone": "+4930123456"}
    )
    sandbox.create("contacts", {"firstname": "Jonas", "email": "jonas@n.de"}, [firm["id"]])
    run = pulling.pulled(connection_id)
    assert pulling.names(pulling.contacts()) == ["Jonas"]
    listed = pulling.left_out_of(alone["id"])
    assert (listed.state, listed.reason, listed.display_name) == ("unlinked", "no_company", "Eva Kern")
    assert (listed.email_key, listed.phone_key, listed.run_id) == ("eva@x.de", "30123456", run.id)
    assert listed.properties["first_name"] == "Eva"
    assert (alone["id"], "skipped", "no_company") in pulling.outcomes(run.id)
    assert run.counts["contacts"] == {"skipped": 1, "created": 1}


def test_a_contact_is_imported_once_it_has_a_company(connection_id: int, sandbox: SandboxServer) -> None:
    alone = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@x.de"})
    pulling.pulled(connection_id)
    firm = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})
    sandbox.update("contacts", alone["id"], {}, [firm["id"]])
    pulling.pulled(connection_id)
    assert pulling.names(pulling.contacts()) == ["Eva"]
    assert pulling.left_out() == []


def test_rules_exclude_with_the_condition_that_failed_and_the_value_it_met(
    connection_id: int, sandbox: SandboxServer
) -> None:
    """B8."""
    small = sandbox.create("companies", {"name": "Small", "domain": "s.de", "numberofemployees": "3"})
    large = sandbox.create("companies", {"name": "Large", "domain": "l.de", "numberofemployees": "300"})
    of_small = sandbox.create("contacts", {"firstname": "Eva", "email": "eva@s.de"}, [small["id"]])
    of_large = sandbox.create("contacts", {"firstname": "Jonas", "email": "jonas@l.de"}, [large["id"]])
    left = sandbox.create(
        "contacts", {"firstname": "Tom", "email": "tom@l.de", "city": "Bremen"}, [large["id"]]
    )
    pulling.add_rule(connection_id, "companies", {"field": "employees", "operator": "greater", "value": 10})
    pulling.add_rule(connection_id, "contacts", {"field": "city", "operator": "is_not", "value": "Bremen"})
    run = pulling.pulled(connection_id)
    assert pulling.names(pulling.companies()) == ["Large"]
    assert pulling.names(pulling.contacts()) == ["Jonas"]
    assert pulling.outcomes(run.id) == [
        (small["id"], "skipped", "rule_excluded"),
        (large["id"], "created", None),
        (of_small["id"], "skipped", "company_excluded"),
        (of_large["id"], "created", None),
        (left["id"], "skipped", "rule_excluded"),
    ]
    excluded = pulling.left_out_of(small["id"], "companies")
    assert excluded.state == "excluded"
    assert excluded.detail == {"field": "employees", "operator": "greater", "value": 10, "actual": 3}
    assert pulling.left_out_of(of_small["id"]).state == "unlinked"


def test_what_is_linked_stays_in_sync_though_the_rules_would_exclude_it(
    connection_id: int, sandbox: SandboxServer
) -> None:
    made = sandbox.create("companies", {"name": "Small", "domain": "s.de", "numberofemployees": "30"})
    pulling.add_rule(connection_id, "companies", {"field": "employees", "operator": "greater", "value": 10})
    pulling.pulled(connection_id)
    sandbox.update("companies", made["id"], {"numberofemployees": "3"})
    pulling.pulled(connection_id)
    (company,) = pulling.companies()
    assert company.employees == 3
