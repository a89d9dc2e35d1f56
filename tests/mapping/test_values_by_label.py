"""A choice is read by its label wherever it stands: in the log, the history, lists, forms and conditions."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.web.runs.labels import condition_text

pytestmark = pytest.mark.one_database

CODE, LABEL = "COMPUTER_SOFTWARE", "Computer software"
FIELDS = "/integrations/hubspot/fields"


@pytest.mark.every_database
def test_a_run_and_the_pages_of_its_records_name_choices_by_their_labels(
    app: Flask, ada: FlaskClient, sandbox: SandboxServer
) -> None:
    sandbox.create("companies", {"name": "Paloma", "industry": CODE, "lifecyclestage": "customer"})
    ada.get(f"{FIELDS}/companies")
    with app.app_context():
        run = pulling.pulled(pulling.connected())
    ada.post("/companies/columns", data={"column": ["industry", "status"]})
    log = f"/sync-log/{run.id}"
    for address in (log, f"{log}/undo?entry=1", f"{log}/entries.csv", "/companies/1/history", "/companies"):
        text = ada.get(address).text
        assert LABEL in text, address
        assert CODE not in text, address


def test_the_form_offers_choices_by_their_labels_and_keeps_a_value_of_its_own(
    app: Flask, ada: FlaskClient
) -> None:
    ada.get(f"{FIELDS}/companies")
    with app.app_context():
        known = make_company(name="Paloma", industry=CODE).id
        own = make_company(name="Korb", industry="Basket weaving").id
    page = read_page(ada.get(f"/companies/{known}/edit").text)
    assert page.one("option", value=CODE, selected=True).shown_text == LABEL
    assert page.has("option", value="BANKING")
    form = read_page(ada.get(f"/companies/{own}/edit").text).one("form", action=f"/companies/{own}")
    assert form.form_values()["industry"] == "Basket weaving"


def test_a_text_of_several_choices_names_each_and_all_can_be_chosen(
    app: Flask, ada: FlaskClient, sandbox: SandboxServer
) -> None:
    options = [{"label": "Spring fair", "value": "s_1"}, {"label": "Autumn fair", "value": "a_2"}]
    several = {"type": "enumeration", "fieldType": "checkbox", "options": options}
    sandbox.define("companies", "fairs", label="Fairs", **several)
    field = {"object_type": "companies", "name": "fairs", "label": "Fairs", "kind": "text", "options": ""}
    ada.post("/custom-fields", data=field)
    ada.get(f"{FIELDS}/companies")
    chosen = {
        "property": "fairs",
        "direction": "in",
        "blank_policy": "ignore",
        "version": "0",
        "shown": "yes",
    }
    assert ada.post(f"{FIELDS}/companies/custom.fairs", data=chosen).status_code == 303
    with app.app_context():
        record_id = make_company(name="Paloma", custom={"fairs": "s_1;a_2"}).id
    assert "Spring fair, Autumn fair" in read_page(ada.get(f"/companies/{record_id}").text).shown_text
    page = read_page(ada.get(f"/companies/{record_id}/edit").text)
    assert [one["value"] for one in page.all("option", selected=True)][-2:] == ["s_1", "a_2"]


def test_a_condition_names_what_was_asked_for_and_what_was_found(app: Flask, ada: FlaskClient) -> None:
    ada.get(f"{FIELDS}/companies")
    condition = {"field": "industry", "operator": "equals", "value": "BANKING", "actual": CODE}
    with app.test_request_context():
        text = condition_text("companies", condition)
        of_its_company = condition_text("contacts", {**condition, "field": "company.industry"})
    for one in (text, of_its_company):
        assert "Banking" in one
        assert f"Found: {LABEL}." in one


def test_properties_are_named_by_their_labels(ada: FlaskClient) -> None:
    ada.get(f"{FIELDS}/companies")
    statuses = read_page(ada.get("/integrations/hubspot/statuses").text).shown_text
    assert "From “Lifecycle stage (lifecyclestage)” in HubSpot" in statuses
    fixed = read_page(ada.get(f"{FIELDS}/companies/name").text).shown_text
    assert "it belongs to “Company name” in HubSpot" in fixed
