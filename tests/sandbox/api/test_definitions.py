"""What a person of the portal does with its properties: changes any part of one, and deletes it for good."""

from __future__ import annotations

from tests.support.servers.sandbox_server import SandboxServer

PROPERTIES = "/crm/properties/2026-03/companies"


def test_a_person_changes_what_hubspot_itself_defines(portal: SandboxServer) -> None:
    options = [{"label": "Germany", "value": "DE"}]
    portal.redefine("companies", "country", type="enumeration", fieldType="select", options=options)
    found = portal.api("GET", f"{PROPERTIES}/country").json()
    assert (found["type"], found["options"][0]["value"]) == ("enumeration", "DE")
    refused = portal.api(
        "POST", "/crm/v3/objects/companies", json={"properties": {"name": "Firm", "country": "Germany"}}
    )
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_a_property_that_is_deleted_for_good_takes_its_values_along(portal: SandboxServer) -> None:
    made = portal.define("companies", "rating")
    number = portal.create("companies", {"name": "Firm", "rating": "good"})["id"]
    portal.delete_property("companies", "rating")
    assert portal.api("GET", f"{PROPERTIES}/rating").status_code == 404
    again = portal.define("companies", "rating")
    assert again["createdAt"] > made["createdAt"]
    assert "rating" not in portal.get("companies", number)["properties"]
