"""Lists: paging, associations once per label, search with its lag and caps."""

from typing import Any

import pytest

from tests.support.servers.sandbox_server import SandboxServer

CONTACTS = "/crm/objects/2026-03/contacts"
COMPANIES = "/crm/objects/2026-03/companies"


def walk(portal: SandboxServer, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    pages, after = [], None
    while True:
        answer = portal.api("GET", path, params={**query, **({"after": after} if after else {})}).json()
        pages.append(answer["results"])
        after = answer.get("paging", {}).get("next", {}).get("after")
        if after is None:
            return pages


@pytest.mark.parametrize("is_short", [False, True])
def test_a_walk_meets_every_record_once_in_order(portal: SandboxServer, *, is_short: bool) -> None:
    portal.reset(companies=30, contacts=130)
    portal.settings(short_pages=is_short)
    pages = walk(portal, CONTACTS, limit=50)
    ids = [int(record["id"]) for page in pages for record in page]
    assert len(ids) == 130
    assert ids == sorted(set(ids))
    assert len(pages[0]) == (25 if is_short else 50)


def test_the_link_of_the_next_page_leads_there(portal: SandboxServer) -> None:
    portal.reset(companies=0, contacts=3)
    first = portal.api("GET", CONTACTS, params={"limit": 2, "properties": "email"}).json()
    link = first["paging"]["next"]["link"].removeprefix(portal.url)
    assert len(portal.api("GET", link).json()["results"]) == 1


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_page_holds_at_most_100(portal: SandboxServer, limit: str) -> None:
    assert portal.api("GET", f"{CONTACTS}?limit={limit}").status_code == 400


def test_associations_come_once_per_label(portal: SandboxServer) -> None:
    one, other = (portal.create("companies", {"name": name})["id"] for name in ("One", "Other"))
    portal.create("contacts", {"email": "ana@firm.com"}, companies=[one, other])
    portal.create("contacts", {"email": "ben@firm.com"})
    ana, ben = portal.api("GET", f"{CONTACTS}?associations=companies&properties=associatedcompanyid").json()[
        "results"
    ]
    assert [(e["id"], e["type"]) for e in ana["associations"]["companies"]["results"]] == [
        (one, "contact_to_company"),
        (one, "contact_to_company_unlabeled"),
        (other, "contact_to_company_unlabeled"),
    ]
    assert ana["properties"]["associatedcompanyid"] == one
    assert "associations" not in ben


def test_more_than_100_associations_go_on_elsewhere(portal: SandboxServer) -> None:
    company = portal.create("companies", {"name": "Big"})["id"]
    for index in range(60):
        portal.create("contacts", {"email": f"p{index}@firm.com"}, companies=[company])
    block = portal.api("GET", f"{COMPANIES}?associations=contacts").json()["results"][0]["associations"][
        "contacts"
    ]
    assert len(block["results"]) == 100
    assert portal.api("GET", block["paging"]["next"]["link"].removeprefix(portal.url)).status_code == 200


def search(portal: SandboxServer, **body: Any) -> Any:
    return portal.api("POST", f"{CONTACTS}/search", json=body)


def filters(name: str, operator: str, **operand: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [{"propertyName": name, "operator": operator, **operand}]}]}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "names"),
    [
        ("firstname", "EQ", {"value": "ANA"}, ["Ana"]),
        ("firstname", "NEQ", {"value": "ana"}, ["Ben", "Cem"]),
        ("firstname", "IN", {"values": ["ana", "cem"]}, ["Ana", "Cem"]),
        ("firstname", "NOT_IN", {"values": ["ana", "cem"]}, ["Ben"]),
        ("phone", "HAS_PROPERTY", {}, ["Ana"]),
        ("phone", "NOT_HAS_PROPERTY", {}, ["Ben", "Cem"]),
        ("hs_additional_emails", "CONTAINS_TOKEN", {"value": "old@firm.com"}, ["Ben"]),
        ("hs_additional_emails", "IN", {"values": ["older@firm.com", "no@firm.com"]}, ["Ben"]),
        ("hs_additional_emails", "NOT_IN", {"values": ["older@firm.com"]}, []),
        ("createdate", "GT", {"value": "1000"}, ["Ana", "Ben", "Cem"]),
        ("createdate", "BETWEEN", {"value": "1000", "highValue": "2000"}, []),
        ("associations.company", "EQ", {"value": "COMPANY"}, ["Cem"]),
    ],
)
def test_search_finds_by(
    portal: SandboxServer, name: str, operator: str, operand: dict[str, Any], names: list[str]
) -> None:
    company = portal.create("companies", {"name": "Firm"})["id"]
    portal.create("contacts", {"firstname": "Ana", "phone": "1"})
    portal.create(
        "contacts",
        {"firstname": "Ben", "email": "b@firm.com", "hs_additional_emails": "old@firm.com;older@firm.com"},
    )
    portal.create("contacts", {"firstname": "Cem"}, companies=[company])
    operands = {key: company if value == "COMPANY" else value for key, value in operand.items()}
    found = search(portal, **filters(name, operator, **operands), properties=["firstname"]).json()
    assert [hit["properties"]["firstname"] for hit in found["results"]] == names
    assert found["total"] == len(names)


def test_search_lags_behind_writes(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"firstname": "Ana"})["id"]
    portal.settings(search_delay_s=0.4)
    portal.update("contacts", number, {"firstname": "Changed"})
    assert search(portal, **filters("firstname", "EQ", value="Changed")).json()["total"] == 0
    portal.wait_until(
        lambda: search(portal, **filters("firstname", "EQ", value="Changed")).json()["total"] == 1
    )


def test_search_ends_at_ten_thousand_and_at_its_other_caps(portal: SandboxServer) -> None:
    assert search(portal, after="10000", limit=1).status_code == 400
    assert search(portal, limit=201).status_code == 400
    assert search(portal, filterGroups=[{"filters": []}] * 6).status_code == 400
    assert search(portal, **filters("nosuch", "EQ", value="1")).status_code == 400
    assert search(portal, query="x" * 3001).status_code == 400


def test_search_pages_by_offset(portal: SandboxServer) -> None:
    portal.reset(companies=0, contacts=5)
    first = search(portal, limit=3, sorts=[{"propertyName": "createdate", "direction": "DESCENDING"}]).json()
    rest = search(portal, limit=3, after=first["paging"]["next"]["after"]).json()
    assert (len(first["results"]), len(rest["results"]), "paging" in rest) == (3, 2, False)


def test_search_does_not_see_a_record_made_just_now(portal: SandboxServer) -> None:
    portal.settings(search_delay_s=60)
    portal.create("contacts", {"firstname": "Ana"})
    assert search(portal).json() == {"total": 0, "results": []}
