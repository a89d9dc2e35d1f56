"""HubSpot's own companies: made and associated by the domain of a new contact's address."""

from __future__ import annotations

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.pushing import objects, primary_of


def _create(sandbox: SandboxServer, email: str) -> str:
    answer = sandbox.api("POST", "/crm/v3/objects/contacts", json={"properties": {"email": email}})
    number: str = answer.json()["id"]
    return number


def test_a_company_is_made_once_for_a_domain_and_becomes_primary(sandbox: SandboxServer) -> None:
    sandbox.settings(auto_company=True, auto_company_delay_s=0)
    ana, bert = _create(sandbox, "ana@acme.de"), _create(sandbox, "bert@acme.de")
    [acme] = objects(sandbox, "companies", "name", "domain")
    assert acme["domain"] == "acme.de"
    assert primary_of(sandbox, ana) == primary_of(sandbox, bert) == acme["id"]


def test_a_company_that_is_there_is_taken(sandbox: SandboxServer) -> None:
    sandbox.settings(auto_company=True, auto_company_delay_s=0)
    acme = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})["id"]
    assert primary_of(sandbox, _create(sandbox, "ana@acme.de")) == acme
    assert len(objects(sandbox, "companies")) == 1


def test_everybodys_mail_and_a_switch_that_is_off_make_none(sandbox: SandboxServer) -> None:
    _create(sandbox, "ana@acme.de")
    sandbox.settings(auto_company=True, auto_company_delay_s=0)
    _create(sandbox, "ana@gmail.com")
    assert objects(sandbox, "companies") == []


def test_it_happens_after_the_delay(sandbox: SandboxServer) -> None:
    sandbox.settings(auto_company=True, auto_company_delay_s=3600)
    _create(sandbox, "ana@acme.de")
    assert objects(sandbox, "companies") == []
