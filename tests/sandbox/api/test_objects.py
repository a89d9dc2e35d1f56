"""One record at a time: values, conflicts, errors, merged and archived ids."""

import time
from typing import Any

import pytest
import requests

from tests.support.servers.sandbox_server import SandboxServer

CONTACTS = "/crm/objects/2026-03/contacts"
COMPANIES = "/crm/objects/2026-09/companies"
EVERY_CONTACTS_PATH = ["/crm/v3/objects/contacts", CONTACTS, "/crm/objects/2026-09/contacts"]


def post(portal: SandboxServer, path: str, properties: dict[str, Any]) -> requests.Response:
    return portal.api("POST", path, json={"properties": properties})


def patch(portal: SandboxServer, path: str, number: str, properties: dict[str, Any]) -> requests.Response:
    return portal.api("PATCH", f"{path}/{number}", json={"properties": properties})


@pytest.mark.parametrize("path", EVERY_CONTACTS_PATH)
def test_every_version_answers_alike(portal: SandboxServer, path: str) -> None:
    portal.create("contacts", {"email": "ana@firm.com"})
    found = portal.api("GET", path, params={"properties": "email"}).json()["results"][0]
    assert found["properties"]["email"] == "ana@firm.com"
    assert set(found["properties"]) == {"createdate", "email", "hs_object_id", "lastmodifieddate"}


def test_a_version_that_is_switched_off_is_not_there(portal: SandboxServer) -> None:
    portal.settings(api_versions=["2026-03"])
    assert portal.api("GET", EVERY_CONTACTS_PATH[0]).status_code == 404
    assert portal.api("GET", CONTACTS).status_code == 200


def test_values_are_kept_as_hubspot_keeps_them(portal: SandboxServer) -> None:
    made = post(
        portal, COMPANIES, {"name": "Firm", "domain": "https://www.Firm.com/about", "numberofemployees": 12}
    )
    assert made.status_code == 201
    assert made.json()["properties"]["domain"] == "firm.com"
    assert made.json()["properties"]["numberofemployees"] == "12"
    contact = post(portal, CONTACTS, {"email": " Ana@Firm.COM "}).json()
    assert contact["properties"]["email"] == "ana@firm.com"


def test_empty_text_clears_and_null_is_ignored(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com", "phone": "1", "city": "Köln"})["id"]
    patch(portal, CONTACTS, number, {"phone": "", "city": None})
    assert "phone" not in portal.get("contacts", number)["properties"]
    assert portal.get("contacts", number)["properties"]["city"] == "Köln"


def test_blank_properties_are_null_or_absent_by_switch(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    address = f"{CONTACTS}/{number}?properties=phone,nosuchproperty"
    assert portal.api("GET", address).json()["properties"]["phone"] is None
    portal.settings(empty_values="absent")
    assert "phone" not in portal.api("GET", address).json()["properties"]
    assert "nosuchproperty" not in portal.api("GET", address).json()["properties"]


def test_an_equal_value_does_not_move_the_modified_time(portal: SandboxServer) -> None:
    made = post(portal, CONTACTS, {"email": "ana@firm.com", "city": "Köln"}).json()
    time.sleep(0.005)
    assert patch(portal, CONTACTS, made["id"], {"city": "Köln"}).json()["updatedAt"] == made["updatedAt"]
    assert patch(portal, CONTACTS, made["id"], {"city": "Bonn"}).json()["updatedAt"] > made["updatedAt"]


def test_the_lifecycle_stage_only_moves_forward_unless_cleared(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com", "lifecyclestage": "customer"})["id"]
    back = patch(portal, CONTACTS, number, {"lifecyclestage": "lead"})
    assert (back.status_code, back.json()["properties"]["lifecyclestage"]) == (200, "customer")
    patch(portal, CONTACTS, number, {"lifecyclestage": ""})
    again = patch(portal, CONTACTS, number, {"lifecyclestage": "lead"})
    assert again.json()["properties"]["lifecyclestage"] == "lead"


@pytest.mark.parametrize("taken", ["ana@firm.com", "old@firm.com"])
def test_a_taken_address_answers_409_with_the_existing_id(portal: SandboxServer, taken: str) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com", "hs_additional_emails": "old@firm.com"})[
        "id"
    ]
    refused = post(portal, CONTACTS, {"email": taken.upper()})
    assert (refused.status_code, refused.json()["category"]) == (409, "CONFLICT")
    assert refused.json()["message"] == f"Contact already exists. Existing ID: {number}"


def test_another_contacts_secondary_address_cannot_be_set(portal: SandboxServer) -> None:
    owner = portal.create("contacts", {"email": "ana@firm.com", "hs_additional_emails": "old@firm.com"})["id"]
    number = portal.create("contacts", {"email": "ben@firm.com"})["id"]
    refused = patch(portal, CONTACTS, number, {"email": "old@firm.com"})
    assert refused.status_code == 400
    assert refused.json()["message"].endswith(f"on {number}. {owner} already has that value.")


def test_every_bad_property_is_listed(portal: SandboxServer) -> None:
    bad = {"email": "foo", "nosuch": "1", "createdate": "1", "lifecyclestage": "no", "hubspot_owner_id": "1"}
    refused = post(portal, CONTACTS, bad).json()
    codes = {entry["context"]["propertyName"][0]: entry["code"] for entry in refused["errors"]}
    assert codes == {
        "email": "INVALID_EMAIL",
        "nosuch": "PROPERTY_DOESNT_EXIST",
        "createdate": "READ_ONLY_VALUE",
        "lifecyclestage": "INVALID_OPTION",
        "hubspot_owner_id": "INVALID_OWNER_ID",
    }
    assert portal.counts()["contacts"] == 0


def test_without_the_errors_list_the_message_still_names_them(portal: SandboxServer) -> None:
    portal.settings(errors_list=False)
    refused = post(portal, CONTACTS, {"nosuch": "1"}).json()
    assert "errors" not in refused
    assert '"name":"nosuch"' in refused["message"]


@pytest.mark.parametrize(
    ("number", "category"), [("999", None), ("abc", "OBJECT_NOT_FOUND"), ("9" * 40, None)]
)
def test_what_is_not_there_answers_404_in_two_shapes(
    portal: SandboxServer, number: str, category: str | None
) -> None:
    missing = portal.api("GET", f"{CONTACTS}/{number}")
    assert (missing.status_code, missing.json().get("category")) == (404, category)


def test_archiving_frees_the_address_and_always_answers_204(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    assert portal.api("DELETE", f"{CONTACTS}/{number}").status_code == 204
    assert portal.api("DELETE", f"{CONTACTS}/{number}").status_code == 204
    assert portal.api("GET", f"{CONTACTS}/{number}").status_code == 404
    assert portal.api("GET", f"{CONTACTS}/{number}?archived=true").json()["archived"] is True
    assert post(portal, CONTACTS, {"email": "ana@firm.com"}).json()["id"] != number


@pytest.mark.parametrize("new_id", [True, False])
def test_a_merged_away_id_answers_with_the_survivor(portal: SandboxServer, *, new_id: bool) -> None:
    company = portal.create("companies", {"name": "Firm"})["id"]
    one = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    other = portal.create("contacts", {"email": "ana@home.com", "phone": "1"}, companies=[company])["id"]
    kept = portal.merge("contacts", one, other, new_id=new_id)
    assert (kept["id"] == one) is not new_id
    found = portal.api(
        "GET", f"{CONTACTS}/{other}?properties=phone,hs_merged_object_ids&associations=companies"
    ).json()
    assert found["id"] == kept["id"]
    assert found["properties"]["phone"] == "1"
    assert found["properties"]["hs_merged_object_ids"] == f"{one};{other}"
    assert found["associations"]["companies"]["results"][0]["id"] == company
    by_secondary = portal.api("GET", f"{CONTACTS}/ana@home.com?idProperty=email").json()
    assert by_secondary["id"] == kept["id"]
    assert patch(portal, CONTACTS, other, {"city": "Bonn"}).json()["id"] == kept["id"]


def test_lone_surrogates_travel_as_escapes(portal: SandboxServer) -> None:
    made = portal.create("contacts", {"email": "ana@firm.com", "firstname": "broken \ud83d half"})
    found = portal.api("GET", f"{CONTACTS}/{made['id']}?properties=firstname")
    assert b"\\ud83d" in found.content
    assert found.json()["properties"]["firstname"] == "broken \ud83d half"


def test_a_body_that_is_not_json_is_refused(portal: SandboxServer) -> None:
    refused = portal.api("POST", CONTACTS, data=b"{nonsense", headers={"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Invalid input JSON on line 1")


def test_history_tells_newest_first_and_who(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com", "city": "Köln"})["id"]
    patch(portal, CONTACTS, number, {"city": "Bonn"})
    found = portal.api("GET", f"{CONTACTS}/{number}?propertiesWithHistory=city").json()
    history = [(e["value"], e["sourceType"]) for e in found["propertiesWithHistory"]["city"]]
    assert history == [("Bonn", "INTEGRATION"), ("Köln", "CRM_UI")]
