"""Batches: all or nothing, partial failure, what is named and what is silently left out."""

from typing import Any

import pytest
import requests

from tests.sandbox.api.portal_requests import unique_property
from tests.support.servers.sandbox_server import SandboxServer

CONTACTS = "/crm/objects/2026-03/contacts"


def batch(portal: SandboxServer, verb: str, inputs: list[dict[str, Any]], **more: Any) -> requests.Response:
    return portal.api("POST", f"{CONTACTS}/batch/{verb}", json={"inputs": inputs, **more})


def contact(email: str, trace: str | None = None, **more: Any) -> dict[str, Any]:
    return {"properties": {"email": email, **more}, **({"objectWriteTraceId": trace} if trace else {})}


def test_one_bad_input_refuses_a_create_without_trace_ids(portal: SandboxServer) -> None:
    answer = batch(portal, "create", [contact("ana@firm.com"), contact("nonsense")])
    assert (answer.status_code, portal.counts()["contacts"]) == (400, 0)


def test_with_trace_ids_the_others_are_made(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "taken@firm.com"})["id"]
    inputs = [contact("ana@firm.com", "t1"), contact("nonsense", "t2"), contact("taken@firm.com", "t3")]
    answer = batch(portal, "create", inputs)
    assert answer.status_code == 207
    assert [made["objectWriteTraceId"] for made in answer.json()["results"]] == ["t1"]
    failed = {e["context"]["objectWriteTraceId"][0]: e for e in answer.json()["errors"]}
    assert answer.json()["numErrors"] == 2
    assert failed["t2"]["category"] == "VALIDATION_ERROR"
    assert failed["t3"]["message"] == f"Contact already exists. Existing ID: {number}"


def test_two_inputs_with_one_address_make_one_contact(portal: SandboxServer) -> None:
    answer = batch(portal, "create", [contact("ana@firm.com", "t1"), contact("ANA@firm.com", "t2")])
    assert (answer.status_code, portal.counts()["contacts"]) == (207, 1)


def test_a_create_may_associate(portal: SandboxServer) -> None:
    company = portal.create("companies", {"name": "Firm"})["id"]
    to = {
        "to": {"id": company},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}],
    }
    made = batch(portal, "create", [{**contact("ana@firm.com"), "associations": [to]}]).json()["results"][0]
    assert portal.get("contacts", made["id"])["associations"]["companies"] == [
        {"id": company, "types": [1, 279]}
    ]


def test_a_read_names_what_is_missing_and_hides_what_was_merged(portal: SandboxServer) -> None:
    one, other, third = (portal.create("contacts", {"email": f"{n}@firm.com"})["id"] for n in "abc")
    portal.merge("contacts", one, other)
    answer = batch(portal, "read", [{"id": one}, {"id": third}, {"id": "999"}], properties=["email"])
    assert answer.status_code == 207
    assert [record["id"] for record in answer.json()["results"]] == [third]
    assert answer.json()["errors"][0]["context"] == {"ids": ["999"]}
    hidden = batch(portal, "read", [{"id": one}, {"id": other}])
    assert (hidden.status_code, hidden.json()["results"]) == (200, [])


def test_a_read_by_address_finds_secondary_ones(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "a@firm.com", "hs_additional_emails": "old@firm.com"})["id"]
    found = batch(portal, "read", [{"id": "OLD@firm.com"}], idProperty="email").json()["results"]
    assert [record["id"] for record in found] == [number]


def test_an_update_names_what_is_missing_and_hides_what_was_merged(portal: SandboxServer) -> None:
    one, other, third = (portal.create("contacts", {"email": f"{n}@firm.com"})["id"] for n in "abc")
    portal.merge("contacts", one, other)
    change = {"properties": {"city": "Bonn"}}
    answer = batch(portal, "update", [{"id": number, **change} for number in (one, third, "999", "x@y.com")])
    assert answer.status_code == 207
    assert [record["id"] for record in answer.json()["results"]] == [third]
    assert answer.json()["errors"][0]["context"] == {"ids": ["999"]}


def test_an_update_refuses_addresses_as_keys_and_an_id_twice(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    by_email = batch(portal, "update", [{"id": "ana@firm.com", "idProperty": "email", "properties": {}}])
    assert "non-unique 0-1 property email in portal ID 111222" in by_email.json()["message"]
    twice = batch(portal, "update", [{"id": number, "properties": {"city": c}} for c in ("Bonn", "Köln")])
    assert twice.status_code == 400
    assert "city" not in portal.get("contacts", number)["properties"]


def test_an_upsert_by_address_says_what_is_new(portal: SandboxServer) -> None:
    known = portal.create("contacts", {"email": "ana@firm.com", "hs_additional_emails": "old@firm.com"})["id"]
    inputs = [
        {"id": email, "idProperty": "email", "properties": {"email": email}}
        for email in ("old@firm.com", "b@firm.com")
    ]
    results = batch(portal, "upsert", inputs).json()["results"]
    assert {record["new"]: record["id"] == known for record in results} == {False: True, True: False}
    assert portal.get("contacts", known)["properties"]["email"] == "ana@firm.com"


def test_an_upsert_by_our_key_is_safe_to_repeat(portal: SandboxServer) -> None:
    portal.api("POST", "/crm/properties/2026-03/contacts", json=unique_property())
    inputs = [
        {"id": f"k{n}", "idProperty": "our_key", "properties": {"firstname": f"N{n}"}} for n in range(100)
    ]
    first, second = (batch(portal, "upsert", inputs).json()["results"] for _ in range(2))
    assert all(record["new"] for record in first)
    assert not any(record["new"] for record in second)
    assert {r["id"] for r in first} == {r["id"] for r in second}
    assert portal.counts()["contacts"] == 100


def test_an_upsert_that_hits_anothers_address_fails_as_a_whole(portal: SandboxServer) -> None:
    portal.api("POST", "/crm/properties/2026-03/contacts", json=unique_property())
    number = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    inputs = [
        {"id": k, "idProperty": "our_key", "properties": {"email": e}}
        for k, e in (("1", "n@f.com"), ("2", "ana@firm.com"))
    ]
    answer = batch(portal, "upsert", inputs)
    assert (answer.status_code, answer.json()["message"].endswith(number)) == (409, True)
    assert portal.counts()["contacts"] == 1


def test_a_unique_value_cannot_be_held_twice(portal: SandboxServer) -> None:
    portal.api("POST", "/crm/properties/2026-03/contacts", json=unique_property())
    owner = portal.create("contacts", {"email": "a@firm.com", "our_key": "1"})["id"]
    refused = portal.api("POST", CONTACTS, json={"properties": {"email": "b@firm.com", "our_key": "1"}})
    assert refused.status_code == 400
    assert f"{owner} already has that value." in refused.json()["message"]


@pytest.mark.parametrize("verb", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_takes_at_most_100(portal: SandboxServer, verb: str) -> None:
    answer = batch(portal, verb, [{"id": str(n), "properties": {}} for n in range(101)])
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("The maximum number of inputs supported in a batch is 100.")


def test_results_are_not_in_the_order_of_the_inputs_unless_switched(portal: SandboxServer) -> None:
    inputs = [contact(f"{n}@firm.com", n) for n in "abc"]
    traces = [made["objectWriteTraceId"] for made in batch(portal, "create", inputs).json()["results"]]
    assert traces == ["c", "b", "a"]
    portal.settings(batch_in_input_order=True)
    inputs = [contact(f"{n}@firm.com", n) for n in "def"]
    traces = [made["objectWriteTraceId"] for made in batch(portal, "create", inputs).json()["results"]]
    assert traces == ["d", "e", "f"]


def test_archiving_ignores_what_is_unknown(portal: SandboxServer) -> None:
    number = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    assert batch(portal, "archive", [{"id": number}, {"id": "999"}]).status_code == 204
    assert portal.counts()["contacts"] == 0
