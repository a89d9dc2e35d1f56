"""Rules on contacts that ask about their company: pulled, pushed, previewed, tried, listed, told (B27)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import current_services
from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import add_out_rule, give_key, objects, pushed
from webapp.domain.records.fields import Field
from webapp.domain.rules.check import askable, check_conditions
from webapp.domain.rules.rule import Condition, Rule, excluded_by, with_company
from webapp.models import User
from webapp.text.rules import rule_problem
from webapp.usecases.rules import trials as rule_trials
from webapp.usecases.rules.trials import Question
from webapp.usecases.runs import lifecycle

LogIn = Callable[[User], FlaskClient]
ASKS = {"field": "company.city", "operator": "is", "value": "Bonn"}
_RULE = Rule(conditions=(Condition("company.city", "is", "Bonn"),))


@pytest.fixture
def connection_id(in_app: Flask, sandbox: SandboxServer) -> int:  # noqa: ARG001 - for what it brings about
    """Two companies with a contact each, not pulled yet, and the rule that the company be in Bonn."""
    for name, city in (("Nord", "Bonn"), ("Sued", "Ulm")):
        values = {"name": name, "domain": f"{name}.de".lower(), "city": city}
        firm = sandbox.create("companies", values)["id"]
        sandbox.create("contacts", {"firstname": f"Of {name}", "email": f"a@{name}.de".lower()}, [firm])
    number = pulling.connected()
    give_key(sandbox, number)
    return number


def _names() -> list[str | None]:
    return [contact.first_name for contact in pulling.contacts()]


def test_a_pull_takes_the_contacts_whose_company_is_admitted(connection_id: int) -> None:
    pulling.add_rule(connection_id, "contacts", ASKS)
    started = lifecycle.start(
        current_services(),
        "pull",
        connection_id=connection_id,
        trigger="button",
        started_by_id=None,
        is_preview=True,
    )
    preview = pulling.worked_off(started.run_id)
    run = pulling.pulled(connection_id)
    assert _names() == ["Of Nord"]
    assert preview.counts == run.counts, "the preview's companies are only planned"
    [left] = pulling.left_out("contacts")
    assert left.reason == "rule_excluded"
    assert left.detail == {**ASKS, "actual": "Ulm"}


@pytest.mark.one_database
def test_a_contact_without_company_has_blank_company_fields(connection_id: int) -> None:
    pulling.add_rule(connection_id, "contacts", {"field": "company.city", "operator": "is_blank"})
    pulling.pulled(connection_id)
    assert _names() == []


def test_a_push_sends_the_contacts_whose_company_is_admitted(
    connection_id: int, sandbox: SandboxServer
) -> None:
    pulling.pulled(connection_id)
    for company in pulling.companies():
        make_contact(company.id, first_name=f"New of {company.name}", email=f"b@{company.domain}")
    make_contact(None, first_name="Alone", email="alone@x.de")
    add_out_rule(connection_id, "contacts", ASKS)
    run = pushed(connection_id)
    assert run.counts["contacts"] == {"unchanged": 2, "created": 1, "skipped": 2}
    assert "New of Nord" in {one.get("firstname") for one in objects(sandbox, "contacts", "firstname")}


def test_a_pulls_rule_is_tried_on_what_was_left_out(connection_id: int) -> None:
    pulling.add_rule(connection_id, "contacts", {"field": "email", "operator": "is", "value": "nobody@x.de"})
    pulling.pulled(connection_id)
    trial = rule_trials.trial(current_services(), Question(connection_id, "contacts", "in", _RULE))
    assert (trial.seen, trial.admitted_then, trial.entering_names) == (2, 1, ["Of Nord"])


def test_a_pushs_rule_is_tried_on_what_is_here_alone(connection_id: int) -> None:
    pulling.pulled(connection_id)
    for company in pulling.companies():
        make_contact(company.id, first_name=f"New of {company.name}", email=f"b@{company.domain}")
    trial = rule_trials.trial(current_services(), Question(connection_id, "contacts", "out", _RULE))
    assert (trial.seen, trial.admitted_then, trial.leaving) == (2, 1, 1)


@pytest.mark.one_database
def test_the_page_and_the_lists_say_which_company_value_failed(
    connection_id: int, logged_in: LogIn, administrator: User
) -> None:
    pulling.pulled(connection_id)
    new = make_contact(2, first_name="New", last_name="One", email="b@sued.de")
    add_out_rule(connection_id, "contacts", ASKS)
    pages = logged_in(administrator)
    text = "Required: Company: City is Bonn. Found: Ulm."
    assert text in pages.get(f"/contacts/{new.id}").text
    assert text in pages.get("/contacts?linked=excluded").text
    form = pages.get("/integrations/hubspot/rules/contacts/out").text
    assert "Company: City" in form
    assert "Company:" not in pages.get("/integrations/hubspot/rules/companies/out").text


def test_what_may_be_asked_of_a_company_and_what_not() -> None:
    own = [Field("custom.size", "Size", "number")]
    asks = Rule(conditions=(Condition("company.custom.size", "greater", "9"),))
    assert check_conditions(asks, askable("contacts", (), own)) == []
    rule = Rule(conditions=(Condition("company.city", "greater", "9"),))
    [wrong] = check_conditions(rule, askable("contacts", ()))
    assert rule_problem(wrong).startswith("Company: City: “is greater than” does not fit it.")
    [unknown] = check_conditions(_RULE, askable("companies", ()))
    assert rule_problem(unknown).startswith("company.city: there is no such field")
    values = with_company(asks, {"email": "a@b.de"}, {"custom.size": 12})
    assert excluded_by(asks, values) is None
    assert excluded_by(asks, with_company(asks, {}, None)) is not None


@pytest.mark.one_database
@pytest.mark.usefixtures("connection_id")
def test_the_form_offers_the_questions_that_fit_the_field(logged_in: LogIn, administrator: User) -> None:
    """Another field is chosen: the question goes with it, whatever stood there before."""
    make_company(name="Acme")
    pages = logged_in(administrator)
    address = "/integrations/hubspot/rules/companies/out"
    form = {"do": "fit", "join": "all", "field": "employees", "operator": "starts_with", "value": "1"}
    page = pages.post(address, data={**form, "group": "0"}).text
    assert read_page(page).has("option", value="greater")
    assert not read_page(page).has("option", value="starts_with")
    refused = pages.post(address, data={**form, "do": "save", "group": "0"})
    assert refused.status_code == 422
    assert read_page(refused.text).has("option", value="starts_with", selected=True)
