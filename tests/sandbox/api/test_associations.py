"""Associations: primary companies, labels, batches."""

from typing import Any

import pytest

from tests.support.servers.sandbox_server import SandboxServer

PLAIN = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
PRIMARY = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]


@pytest.fixture
def ids(portal: SandboxServer) -> dict[str, str]:
    return {
        "contact": portal.create("contacts", {"email": "ana@firm.com"})["id"],
        "one": portal.create("companies", {"name": "One"})["id"],
        "other": portal.create("companies", {"name": "Other"})["id"],
    }


def put(portal: SandboxServer, ids: dict[str, str], company: str, types: Any) -> None:
    path = f"/crm/objects/2026-03/contacts/{ids['contact']}/associations/companies/{ids[company]}"
    assert portal.api("PUT", path, json=types).status_code == 201


def companies(portal: SandboxServer, ids: dict[str, str]) -> dict[str, list[int]]:
    found = portal.get("contacts", ids["contact"])["associations"]["companies"]
    names = {number: name for name, number in ids.items()}
    return {names[entry["id"]]: entry["types"] for entry in found}


def test_the_first_company_becomes_primary_and_a_second_does_not(
    portal: SandboxServer, ids: dict[str, str]
) -> None:
    put(portal, ids, "one", PLAIN)
    put(portal, ids, "other", PLAIN)
    assert companies(portal, ids) == {"one": [1, 279], "other": [279]}


def test_by_switch_the_first_company_stays_plain(portal: SandboxServer, ids: dict[str, str]) -> None:
    portal.settings(first_company_becomes_primary=False)
    put(portal, ids, "one", PLAIN)
    assert companies(portal, ids) == {"one": [279]}


def test_a_contact_has_one_primary_company(portal: SandboxServer, ids: dict[str, str]) -> None:
    put(portal, ids, "one", PRIMARY)
    put(portal, ids, "other", PRIMARY)
    assert companies(portal, ids) == {"one": [279], "other": [1, 279]}
    found = portal.get("companies", ids["other"])["associations"]["contacts"]
    assert found == [{"id": ids["contact"], "types": [2, 280]}]


def test_associating_moves_no_modified_time(portal: SandboxServer, ids: dict[str, str]) -> None:
    before = portal.get("contacts", ids["contact"])["properties"]["lastmodifieddate"]
    put(portal, ids, "one", PRIMARY)
    after = portal.get("contacts", ids["contact"])["properties"]
    assert (after["lastmodifieddate"], after["associatedcompanyid"]) == (before, ids["one"])


@pytest.mark.parametrize(
    ("switch", "v4", "dated"), [(None, int, str), ("number", int, int), ("string", str, str)]
)
def test_to_object_id_is_number_or_string(
    portal: SandboxServer, ids: dict[str, str], switch: str | None, v4: type, dated: type
) -> None:
    portal.settings(to_object_id=switch)
    put(portal, ids, "one", PLAIN)
    tail = f"contacts/{ids['contact']}/associations/companies"
    for base, kind in (("/crm/v4/objects", v4), ("/crm/objects/2026-09", dated)):
        found = portal.api("GET", f"{base}/{tail}").json()["results"][0]["toObjectId"]
        assert isinstance(found, kind)


def test_a_batch_makes_what_it_can(portal: SandboxServer, ids: dict[str, str]) -> None:
    good = {"from": {"id": ids["contact"]}, "to": {"id": ids["one"]}, "types": PLAIN}
    inputs = [good, {**good, "to": {"id": "999"}}, {"from": good["from"], "to": good["to"]}]
    answer = portal.api(
        "POST", "/crm/v4/associations/contacts/companies/batch/create", json={"inputs": inputs}
    )
    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 1, 1)


def test_reading_a_record_without_associations_names_it_as_an_error(
    portal: SandboxServer, ids: dict[str, str]
) -> None:
    path = "/crm/associations/2026-03/contacts/companies/batch/read"
    answer = portal.api("POST", path, json={"inputs": [{"id": ids["contact"]}]})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["subCategory"].endswith("NO_ASSOCIATIONS_FOUND")


def test_archiving_a_company_ends_its_associations(portal: SandboxServer, ids: dict[str, str]) -> None:
    put(portal, ids, "one", PLAIN)
    portal.archive("companies", ids["one"])
    assert companies(portal, ids) == {}
    assert "associatedcompanyid" not in portal.get("contacts", ids["contact"])["properties"]


def test_a_label_of_the_portals_own_shows_in_lists(portal: SandboxServer, ids: dict[str, str]) -> None:
    made = portal.api(
        "POST",
        "/crm/associations/2026-03/contacts/companies/labels",
        json={"label": "Adviser", "name": "adviser"},
    ).json()["results"]
    spec = [{"associationCategory": "USER_DEFINED", "associationTypeId": made[0]["typeId"]}]
    put(portal, ids, "one", spec)
    found = portal.api("GET", "/crm/objects/2026-03/contacts?associations=companies").json()["results"][0]
    types = [entry["type"] for entry in found["associations"]["companies"]["results"]]
    assert "adviser" in types
