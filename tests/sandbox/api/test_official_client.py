"""The official client judges the numbered paths: every call that we use, unpatched."""

from typing import Any

import hubspot  # type: ignore[import-untyped]
import pytest
from hubspot.crm.contacts.exceptions import ApiException  # type: ignore[import-untyped]

from tests.sandbox.api.portal_requests import authorization_code, unique_property
from tests.support.servers.sandbox_server import CLIENT_ID, CLIENT_SECRET, SandboxServer

KINDS = [("contacts", "email", "ana@firm.com"), ("companies", "domain", "firm.com")]


def api(client: hubspot.HubSpot, kind: str) -> Any:
    return getattr(client.crm, kind)


@pytest.mark.parametrize(("kind", "key", "value"), KINDS)
def test_one_object_lives_from_create_to_archive(
    client: hubspot.HubSpot, kind: str, key: str, value: str
) -> None:
    basic = api(client, kind).basic_api
    made = basic.create({"properties": {key: value}, "associations": []})
    assert made.properties[key] == value
    changed = basic.update(made.id, {"properties": {"phone": "+49 89 1"}})
    assert changed.properties["phone"] == "+49 89 1"
    read = basic.get_by_id(made.id, properties=["phone", key], properties_with_history=["phone"])
    assert read.properties_with_history["phone"][0].value == "+49 89 1"
    page = basic.get_page(limit=10, properties=["phone"], archived=False)
    assert [(entry.id, entry.properties["phone"]) for entry in page.results] == [(made.id, "+49 89 1")]
    basic.archive(made.id)
    assert basic.get_page().results == []
    assert basic.get_page(archived=True).results[0].archived_at is not None


@pytest.mark.parametrize(("kind", "key", "value"), KINDS)
def test_batches_run_through_the_client(client: hubspot.HubSpot, kind: str, key: str, value: str) -> None:
    client.crm.properties.core_api.create(kind, unique_property(kind))
    batch = api(client, kind).batch_api
    one = {"properties": {key: value}, "objectWriteTraceId": "t1", "associations": []}
    made = batch.create({"inputs": [one]})
    number = made.results[0].id
    assert made.results[0].object_write_trace_id == "t1"
    both = batch.read({"inputs": [{"id": number}, {"id": "999"}], "properties": [key]})
    assert [entry.id for entry in both.results] == [number]
    assert (both.num_errors, both.errors[0].context["ids"]) == (1, ["999"])
    updated = batch.update({"inputs": [{"id": number, "properties": {"city": "Köln"}}]})
    assert updated.results[0].properties["city"] == "Köln"
    upserted = batch.upsert(
        {"inputs": [{"id": "u1", "idProperty": "our_key", "properties": {key: f"x{value}"}}]}
    )
    assert upserted.results[0].new is True
    again = batch.upsert({"inputs": [{"id": "u1", "idProperty": "our_key", "properties": {"city": "Bonn"}}]})
    assert (again.results[0].new, again.results[0].id) == (False, upserted.results[0].id)
    batch.archive({"inputs": [{"id": number}]})
    assert [entry.id for entry in api(client, kind).basic_api.get_page().results] == [upserted.results[0].id]


def test_search_runs_through_the_client(client: hubspot.HubSpot, portal: SandboxServer) -> None:
    portal.create("contacts", {"email": "ana@firm.com", "firstname": "Ana"})
    portal.create("contacts", {"email": "ben@firm.com", "firstname": "Ben"})
    body = [{"filters": [{"propertyName": "email", "operator": "EQ", "value": "ana@firm.com"}]}]
    found = client.crm.contacts.search_api.do_search(
        {"filterGroups": body, "sorts": [], "properties": ["firstname"], "limit": 10, "after": "0"}
    )
    assert (found.total, found.results[0].properties["firstname"]) == (1, "Ana")


def test_associations_run_through_the_client(client: hubspot.HubSpot, portal: SandboxServer) -> None:
    contact = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    company = portal.create("companies", {"name": "Firm"})["id"]
    other = portal.create("companies", {"name": "Other"})["id"]
    v4 = client.crm.associations.v4
    default = v4.basic_api.create_default("contacts", contact, "companies", company)
    assert default.results[0].association_spec.association_type_id == 279
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    assert v4.basic_api.create("contacts", contact, "companies", other, spec).labels == ["Primary"]
    listed = v4.basic_api.get_page("contacts", contact, "companies").results
    assert {entry.to_object_id: len(entry.association_types) for entry in listed} == {company: 1, other: 2}
    pair = {"from": {"id": contact}, "to": {"id": company}}
    v4.batch_api.create_default("contacts", "companies", {"inputs": [pair]})
    v4.batch_api.create("contacts", "companies", {"inputs": [{**pair, "types": spec}]})
    read = v4.batch_api.get_page("contacts", "companies", {"inputs": [{"id": contact}]})
    assert len(read.results[0].to) == 2
    v4.batch_api.archive_labels("contacts", "companies", {"inputs": [{**pair, "types": spec}]})
    v4.basic_api.archive("contacts", contact, "companies", other)
    v4.batch_api.archive(
        "contacts", "companies", {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]}
    )
    assert v4.basic_api.get_page("contacts", contact, "companies").results == []
    labels = v4.schema.definitions_api.get_all("contacts", "companies").results
    assert {entry.type_id for entry in labels} >= {1, 279}


def test_properties_groups_and_owners_run_through_the_client(client: hubspot.HubSpot) -> None:
    properties = client.crm.properties
    properties.groups_api.create("contacts", {"name": "ours", "label": "Ours"})
    assert properties.groups_api.get_by_name("contacts", "ours").label == "Ours"
    assert "ours" in [group.name for group in properties.groups_api.get_all("contacts").results]
    made = properties.core_api.create("contacts", {**unique_property(), "groupName": "ours"})
    assert (made.has_unique_value, made.group_name) == (True, "ours")
    renamed = properties.core_api.update("contacts", "our_key", {"label": "Renamed"})
    assert renamed.label == properties.core_api.get_by_name("contacts", "our_key").label == "Renamed"
    names = [entry.name for entry in properties.core_api.get_all("contacts").results]
    assert {"email", "our_key"} <= set(names)
    read = properties.batch_api.read("contacts", {"inputs": [{"name": "our_key"}], "archived": False})
    assert read.results[0].name == "our_key"
    properties.core_api.archive("contacts", "our_key")
    assert "our_key" not in [entry.name for entry in properties.core_api.get_all("contacts").results]
    owners = client.crm.owners.owners_api.get_page(limit=2)
    assert owners.paging.next.after
    assert client.crm.owners.owners_api.get_by_id(int(owners.results[0].id)).email == owners.results[0].email


def test_tokens_run_through_the_client(client: hubspot.HubSpot, portal: SandboxServer) -> None:
    code = authorization_code(portal)
    app: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    tokens = client.oauth.tokens_api.create(
        grant_type="authorization_code", code=code, redirect_uri="http://localhost:1/cb", **app
    )
    about = client.oauth.access_tokens_api.get(tokens.access_token)
    assert (about.hub_id, about.scopes) == (111222, ["crm.objects.contacts.read", "oauth"])
    fresh = client.oauth.tokens_api.create(
        grant_type="refresh_token", refresh_token=tokens.refresh_token, **app
    )
    assert fresh.access_token != tokens.access_token
    assert client.oauth.refresh_tokens_api.get(tokens.refresh_token).client_id == CLIENT_ID
    client.oauth.refresh_tokens_api.archive(tokens.refresh_token)
    with pytest.raises(hubspot.oauth.exceptions.ApiException) as caught:
        client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **app)
    assert "BAD_REFRESH_TOKEN" in str(caught.value.body)


def test_account_details_run_through_the_client(client: hubspot.HubSpot, portal: SandboxServer) -> None:
    answer = client.api_request({"base_url": portal.url, "path": "/account-info/v3/details", "method": "GET"})
    assert answer.json()["portalId"] == 111222


def test_a_taken_address_reaches_the_client_as_a_conflict(client: hubspot.HubSpot) -> None:
    body = {"properties": {"email": "ana@firm.com"}, "associations": []}
    made = client.crm.contacts.basic_api.create(body)
    with pytest.raises(ApiException) as caught:
        client.crm.contacts.basic_api.create(body)
    assert (caught.value.status, made.id in caught.value.body) == (409, True)
