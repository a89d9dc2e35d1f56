"""The newer official client judges the dated paths: every call that we use, unpatched and strict.

Strict means that every answer must fit the client's models; those know no null among properties, so blanks
are left out by the switch where blanks would occur.
"""

from typing import Any

import hubspot_sdk
import pytest
from hubspot_sdk import HubSpot

from tests.sandbox.api.portal_requests import authorization_code, unique_property
from tests.support.servers.sandbox_server import CLIENT_ID, CLIENT_SECRET, SandboxServer

KINDS = [("contacts", "email", "ana@firm.com"), ("companies", "domain", "firm.com")]


@pytest.fixture(autouse=True)
def _without_nulls(portal: SandboxServer) -> None:
    portal.settings(empty_values="absent")


@pytest.mark.parametrize(("kind", "key", "value"), KINDS)
def test_one_object_lives_from_create_to_archive(sdk: HubSpot, kind: str, key: str, value: str) -> None:
    objects: Any = getattr(sdk.crm.objects, kind)
    made = objects.create(properties={key: value}, associations=[])
    assert objects.update(made.id, properties={"phone": "1"}).properties["phone"] == "1"
    read = objects.get(made.id, properties=["phone"], properties_with_history=["phone"])
    assert read.properties_with_history["phone"][0].value == "1"
    assert [entry.id for entry in objects.list(limit=10, properties=["phone"]).results] == [made.id]
    found = objects.search(after="0", filter_groups=[], limit=5, properties=[key], sorts=[])
    assert (found.total, found.results[0].properties[key]) == (1, value)
    objects.delete(made.id)
    assert objects.list(archived=True).results[0].archived is True


@pytest.mark.parametrize(("kind", "key", "value"), KINDS)
def test_batches_run_through_the_client(sdk: HubSpot, kind: str, key: str, value: str) -> None:
    our_key = unique_property(kind)
    sdk.crm.properties.create(
        kind,
        name=our_key["name"],
        label=our_key["label"],
        type="string",
        field_type="text",
        group_name=our_key["groupName"],
        has_unique_value=True,
    )
    batch: Any = getattr(sdk.crm.objects, kind).batch
    one = {"properties": {key: value}, "associations": [], "object_write_trace_id": "t1"}
    number = batch.create(inputs=[one]).results[0].id
    read = batch.get(inputs=[{"id": number}, {"id": "999"}], properties=[key], properties_with_history=[])
    assert [entry.id for entry in read.results] == [number]
    changed = batch.update(inputs=[{"id": number, "properties": {"city": "Köln"}}])
    assert changed.results[0].properties["city"] == "Köln"
    new = batch.upsert(inputs=[{"id": "u1", "id_property": "our_key", "properties": {key: f"x{value}"}}])
    assert new.results[0].new is True
    batch.delete(inputs=[{"id": number}])
    assert [e.id for e in getattr(sdk.crm.objects, kind).list().results] == [new.results[0].id]


def test_associations_run_through_the_client(sdk: HubSpot, portal: SandboxServer) -> None:
    contact = portal.create("contacts", {"email": "ana@firm.com"})["id"]
    company = portal.create("companies", {"name": "Firm"})["id"]
    associations: Any = sdk.crm.associations
    here = {"from_object_type": "contacts", "to_object_type": "companies"}
    associations.create(company, from_object_id=contact, **here)
    listed = associations.list("companies", object_type="contacts", object_id=contact)
    assert {spec.type_id for spec in listed.results[0].association_types} == {1, 279}
    spec = [{"association_category": "HUBSPOT_DEFINED", "association_type_id": 279}]
    put = associations.update_labels(
        company, object_type="contacts", object_id=contact, to_object_type="companies", body=spec
    )
    assert put.labels == []
    pair = {"from_": {"id": contact}, "to": {"id": company}}
    assert associations.batch.create_default(inputs=[pair], **here).status == "COMPLETE"
    assert associations.batch.create(inputs=[{**pair, "types": spec}], **here).status == "COMPLETE"
    read = associations.batch.get(inputs=[{"id": contact}], **here)
    assert read.results[0].to[0].to_object_id == company
    associations.batch.delete_labels(inputs=[{**pair, "types": spec}], **here)
    associations.batch.delete(inputs=[{"from_": {"id": contact}, "to": [{"id": company}]}], **here)
    associations.delete(company, object_type="contacts", object_id=contact, to_object_type="companies")
    assert associations.list("companies", object_type="contacts", object_id=contact).results == []
    labels = sdk.crm.associations_schema.labels.list_labels("companies", from_object_type="contacts")
    assert {entry.type_id for entry in labels.results} >= {1, 279}


def test_properties_groups_and_owners_run_through_the_client(sdk: HubSpot) -> None:
    properties: Any = sdk.crm.properties
    assert properties.groups.create("companies", name="ours", label="Ours").name == "ours"
    assert properties.groups.get("ours", object_type="companies").label == "Ours"
    assert "ours" in [group.name for group in properties.groups.list("companies").results]
    definition = {
        "name": "size",
        "label": "Size",
        "type": "number",
        "field_type": "number",
        "group_name": "ours",
    }
    properties.create("companies", **definition)
    assert properties.update("size", object_type="companies", label="Bigness").label == "Bigness"
    assert properties.get("size", object_type="companies").label == "Bigness"
    assert "size" in [entry.name for entry in properties.list("companies").results]
    batch = properties.batch.get(
        "companies", archived=False, data_sensitivity="non_sensitive", inputs=[{"name": "size"}]
    )
    assert [entry.name for entry in batch.results] == ["size"]
    properties.delete("size", object_type="companies")
    with pytest.raises(hubspot_sdk.NotFoundError):
        properties.get("size", object_type="companies")
    owner = sdk.crm.owners.list(limit=1).results[0]
    assert sdk.crm.owners.get(int(owner.id)).email == owner.email


def test_tokens_run_through_the_client(sdk: HubSpot, portal: SandboxServer) -> None:
    app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    oauth: Any = sdk.auth.oauth
    tokens = oauth.create_token(
        grant_type="authorization_code",
        code=authorization_code(portal),
        redirect_uri="http://localhost:1/cb",
        **app,
    )
    assert tokens.hub_id == 111222
    about = oauth.introspect_token(token=tokens.access_token, token_type_hint="access_token", **app)
    assert (about.active, about.scopes) == (True, ["crm.objects.contacts.read", "oauth"])
    fresh = oauth.create_token(grant_type="refresh_token", refresh_token=tokens.refresh_token, **app)
    assert fresh.access_token != tokens.access_token
    oauth.revoke_token(token=tokens.refresh_token, token_type_hint="refresh_token", **app)
    with pytest.raises(hubspot_sdk.BadRequestError):
        oauth.create_token(grant_type="refresh_token", refresh_token=tokens.refresh_token, **app)


def test_account_details_and_usage_run_through_the_client(sdk: HubSpot) -> None:
    assert sdk.account.get().portal_id == 111222
    assert sdk.account.get_daily_private_apps_usage().results[0].usage_limit == 625_000
