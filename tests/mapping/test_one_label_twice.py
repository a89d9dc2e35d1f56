"""What bears one label twice is told apart by internal names, wherever people choose."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.pages.page import read_page
from tests.support.servers.sandbox_server import SandboxServer
from webapp.text.records.records import distinct

pytestmark = pytest.mark.one_database

HUBSPOT = "/integrations/hubspot"
LEVELS = [
    {"label": "Gold", "value": "g1"},
    {"label": "gold ", "value": "g2"},
    {"label": "Tin", "value": "tin"},
]


def test_only_labels_that_several_have_get_the_internal_name() -> None:
    labels = {"level": "Level", "custom.level_2": " level\u200b", "seats": "Seats"}
    assert distinct(labels) == {
        "level": "Level (level)",
        "custom.level_2": " level\u200b (level_2)",
        "seats": "Seats",
    }


def test_properties_and_options_of_one_label_are_told_apart_on_the_mapping_page(
    ada: FlaskClient, sandbox: SandboxServer
) -> None:
    for name in ("level_old", "level_new"):
        sandbox.define(
            "companies", name, label="Level", type="enumeration", fieldType="select", options=LEVELS
        )
    given = {"object_type": "companies", "name": "level", "label": "Our level", "kind": "choice"}
    ada.post("/custom-fields", data=given | {"options": "Gold\nTin"})
    ada.get(f"{HUBSPOT}/fields/companies")
    page = read_page(ada.get(f"{HUBSPOT}/fields/companies/custom.level?property=level_old").text)
    for name in ("level_old", "level_new"):
        assert page.one("option", value=name).shown_text == f"Level ({name})"
    offered = {
        one["value"]: one.shown_text for one in page.all("option") if one["value"] in ("g1", "g2", "tin")
    }
    assert offered == {"g1": "Gold (g1)", "g2": "gold (g2)", "tin": "Tin"}
    assert not any(page.has("option", value=one, selected=True) for one in ("g1", "g2")), (
        "nobody knows which of the two is meant"
    )
    assert page.has("option", value="tin", selected=True)


def test_stages_of_one_label_are_told_apart_on_the_status_page(
    ada: FlaskClient, sandbox: SandboxServer
) -> None:
    stages = [{"label": "Lead", "value": name} for name in ("lead", "lead_2")]
    sandbox.redefine("contacts", "lifecyclestage", options=stages)
    ada.get(f"{HUBSPOT}/fields/contacts")
    page = ada.get(f"{HUBSPOT}/statuses").text
    assert "Lead (lead)" in page
    assert "Lead (lead_2)" in page


def test_fields_of_one_label_are_told_apart_in_forms_rules_and_mapping(ada: FlaskClient) -> None:
    for name, label in (("rating", "Rating"), ("rating_2", "rating"), ("named", "Name")):
        given = {"object_type": "companies", "name": name, "label": label, "kind": "text", "options": ""}
        assert ada.post("/custom-fields", data=given).status_code == 303
    condition = {"do": "add:0", "join": "all"}
    pages = [
        ada.get("/companies/new").text,
        ada.get(f"{HUBSPOT}/fields/companies").text,
        ada.post(f"{HUBSPOT}/rules/companies/in", data=condition).text,
    ]
    for page in pages:
        for shown in ("Rating (rating)", "rating (rating_2)", "Name (named)", "Name (name)"):
            assert shown in page
        assert "Domain (domain)" not in page
    assert "Company: Name (named)" in ada.post(f"{HUBSPOT}/rules/contacts/in", data=condition).text
