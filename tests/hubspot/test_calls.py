from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.batches import CreateInput, UpdateInput, UpsertInput
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    Conflict,
    MalformedAnswer,
    MissingScopes,
    NotFound,
    ObjectUnreadable,
    ValidationFailed,
)
from webapp.hubspot.http.paths import Version


def record(object_id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": object_id,
        "properties": {"email": f"{object_id}@example.com"},
        "createdAt": "2026-01-05T09:12:01.123Z",
        "updatedAt": "2026-02-01T10:00:00Z",
        "archived": False,
        **more,
    }


def companies(*entries: tuple[str, str], after: str | None = None) -> dict[str, Any]:
    block: dict[str, Any] = {"results": [{"id": one, "type": label} for one, label in entries]}
    if after:
        block["paging"] = {"next": {"after": after, "link": "https://elsewhere.example"}}
    return {"associations": {"companies": block}}


PRIMARY, PLAIN = "contact_to_company", "contact_to_company_unlabeled"


def test_a_page_is_listed_with_its_companies_and_cursor(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(
        200,
        {
            "results": [record("33451", **companies(("22", PRIMARY), ("22", PLAIN), ("9", PLAIN)))],
            "paging": {"next": {"after": "33452", "link": "x"}},
        },
    )
    page = client.list_page("contacts", ["email", "firstname"], "33000")
    (contact,) = page.results
    assert (contact.id, contact.company_ids, contact.chosen_company_id) == ("33451", ["22", "9"], "22")
    assert contact.updated_at == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert page.after == "33452"
    assert portal.requests[0].query == {
        "limit": "100",
        "properties": "email,firstname,hs_merged_object_ids,associatedcompanyid",
        "archived": "false",
        "associations": "companies",
        "after": "33000",
    }


def test_the_last_page_has_no_cursor(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(200, {"results": []})
    assert client.list_page("companies", ["name"]).after is None
    assert "associations" not in portal.requests[0].query


def test_without_a_primary_company_the_lowest_id_is_chosen_by_number(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"results": [record("1", **companies(("1000", PLAIN), ("999", PLAIN))), record("2")]})
    first, second = client.list_page("contacts", []).results
    assert first.chosen_company_id == "999"
    assert second.chosen_company_id is None


def test_a_primary_company_beyond_the_first_hundred_is_found(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    hundred = [(str(number), PLAIN) for number in range(500, 600)]
    portal.will(200, {"results": [record("1", **companies(*hundred, after="cursor")), record("2")]})
    first = [
        {"toObjectId": number, "associationTypes": [{"typeId": 279, "category": "HUBSPOT_DEFINED"}]}
        for number in range(500, 600)
    ]
    last = {
        "toObjectId": "700",
        "associationTypes": [
            {"typeId": 279, "category": "HUBSPOT_DEFINED", "label": None},
            {"typeId": 1, "category": "HUBSPOT_DEFINED", "label": "Primary"},
        ],
    }
    portal.will(200, {"results": [{"from": {"id": "1"}, "to": first, "paging": {"next": {"after": "500"}}}]})
    portal.will(200, {"results": [{"from": {"id": "1"}, "to": [last]}]})
    contact = client.list_page("contacts", []).results[0]
    assert contact.chosen_company_id == "700"
    assert len(contact.company_ids) == 101
    assert [request.body for request in portal.requests[1:]] == [
        {"inputs": [{"id": "1"}]},
        {"inputs": [{"id": "1", "after": "500"}]},
    ]


def test_companies_beyond_the_first_hundred_are_not_fetched_when_the_primary_is_known(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"results": [record("1", **companies(("5", PRIMARY), after="cursor"))]})
    assert client.list_page("contacts", []).results[0].chosen_company_id == "5"
    assert len(portal.requests) == 1


def test_a_property_list_too_long_for_an_address_is_read_as_a_batch(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    names = [f"a_rather_long_property_name_{number:04}" for number in range(600)]
    paging = {"next": {"after": "3", "link": "x"}}
    listed = [record("1", **companies(("5", PRIMARY))), record("2")]
    portal.will(200, {"results": listed, "paging": paging})
    values = [{**record(one), "properties": {names[599]: one}} for one in ("2", "1")]
    portal.will(200, {"results": values})
    page = client.list_page("contacts", names)
    assert [one.properties for one in page.results] == [{names[599]: "1"}, {names[599]: "2"}]
    assert page.results[0].chosen_company_id == "5"
    assert page.after == "3"
    assert portal.requests[0].query["properties"] == "hs_merged_object_ids"
    assert portal.requests[1].body["properties"] == [*names, "hs_merged_object_ids", "associatedcompanyid"]


def test_broken_characters_are_replaced_and_the_page_survives(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    body = (
        rb'{"results":[{"id":"1","properties":{"name":"a\ud800b","city":"Z\u00fcrich \ud83d\ude00","zip":'
        b'"\xff"},"createdAt":"2026-01-05T09:12:01.123Z","updatedAt":"2026-01-05T09:12:01.123Z"}]}'
    )
    portal.will(200, body)
    assert client.list_page("companies", ["name"]).results[0].properties == {
        "name": "a\ufffdb",
        "city": "Zürich 😀",
        "zip": "\ufffd",
    }


def test_nul_characters_are_dropped_and_typed_backslashes_stay(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    """No database of ours holds one, and one in a value would fail the page that it is written with."""
    values = {"name": "Bo\0bby\0", "city": "\\u0000", "zip": "\\\0"}
    portal.will(200, {"results": [record("1", properties=values)]})
    found = client.list_page("companies", ["name"]).results[0].properties
    assert (found["name"], found["city"], found["zip"]) == ("Bobby", "\\u0000", "\\")


def test_a_refusal_of_one_object_is_about_that_object_and_a_missing_permission_about_all(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(403, {"status": "error", "message": "You may not see this contact."})
    with pytest.raises(ObjectUnreadable, match="You may not see this contact") as caught:
        client.read("contacts", "7", ["email"])
    assert caught.value.object_id == "7"
    portal.will(403, {"message": "Scopes are missing.", "category": "MISSING_SCOPES"})
    with pytest.raises(MissingScopes):
        client.read("contacts", "7", ["email"])


def test_reading_a_merged_away_id_answers_with_the_survivor(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    survivor = record("40001")
    survivor["properties"]["hs_merged_object_ids"] = "33451;33460"
    portal.will(200, survivor)
    found = client.read("contacts", "33451", ["email"])
    assert found.id == "40001"
    assert found.merged_ids == ["33451", "33460"]


def test_an_object_that_is_gone_is_proved_by_404(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(404, {"status": "error", "message": "resource not found", "correlationId": "u"})
    with pytest.raises(NotFound):
        client.read("companies", "1", ["name"], archived=True)
    assert portal.requests[0].query["archived"] == "true"


def test_ids_left_out_of_a_batch_are_missing_with_and_without_an_error(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(
        207,
        {
            "status": "COMPLETE",
            "results": [record("2"), record("1")],
            "numErrors": 1,
            "errors": [
                {
                    "status": "error",
                    "category": "OBJECT_NOT_FOUND",
                    "message": "Could not get some CONTACT objects, they may be deleted or not exist.",
                    "context": {"ids": ["999"]},
                }
            ],
        },
    )
    answer = client.batch_read("contacts", ["1", "2", "2", "999", "33460"], ["email"])
    assert set(answer.by_key) == {"1", "2"}
    assert answer.missing_ids == ["999", "33460"]
    assert isinstance(answer.error_of("999"), NotFound)
    assert answer.error_of("33460") is None
    assert portal.requests[0].body["inputs"] == [{"id": one} for one in ("1", "2", "999", "33460")]


def test_each_requested_object_counts_once_and_no_other_does(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    twice = {**record("1"), "properties": {"city": "Ulm"}}
    portal.will(207, {"results": [record("1"), record("9"), twice, record("2")]})
    answer = client.batch_read("contacts", ["1", "2", "3"], ["city"])
    assert [(one.id, one.properties.get("city")) for one in answer.results] == [("1", "Ulm"), ("2", None)]
    assert (sorted(answer.by_key), answer.missing_ids) == (["1", "2"], ["3"])


def test_contacts_are_read_by_any_of_their_addresses(portal: ScriptedPortal, client: HubSpotClient) -> None:
    found = record("1")
    found["properties"] = {"email": "ana@example.com", "hs_additional_emails": "a@b.example;c@d.example"}
    portal.will(200, {"results": [found]})
    answer = client.batch_read("contacts", ["Ana@example.com", "c@d.example", "x@y.example"], [], "email")
    assert answer.by_key["Ana@example.com"] is answer.by_key["c@d.example"] is answer.results[0]
    assert answer.missing_ids == ["x@y.example"]
    assert portal.requests[0].body["idProperty"] == "email"


def test_each_created_contact_succeeds_or_fails_alone(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(
        207,
        {
            "results": [record("7", objectWriteTraceId="t3"), record("6")],
            "numErrors": 2,
            "errors": [
                {
                    "status": "error",
                    "category": "CONFLICT",
                    "message": "Contact already exists. Existing ID: 33451",
                    "context": {"objectWriteTraceId": ["t1"]},
                },
                {
                    "status": "error",
                    "category": "VALIDATION_ERROR",
                    "message": 'Property values were not valid: [{"name":"email","error":"INVALID_EMAIL"}]',
                    "context": {"objectWriteTraceId": ["t2"]},
                },
            ],
        },
    )
    inputs = [
        CreateInput("t1", {"email": "ana@example.com"}, primary_company_id="22"),
        CreateInput("t2", {"email": "foo"}),
        CreateInput("t3", {"email": "new@example.com"}),
        CreateInput("t4", {"email": "6@example.com"}),
        CreateInput("t5", {"email": "lost@example.com"}),
    ]
    answer = client.batch_create("contacts", inputs)
    assert {key: one.id for key, one in answer.by_key.items()} == {"t3": "7", "t4": "6"}
    assert answer.missing_ids == ["t1", "t2", "t5"]
    taken, invalid = answer.error_of("t1"), answer.error_of("t2")
    assert isinstance(taken, Conflict)
    assert taken.existing_id == "33451"
    assert isinstance(invalid, ValidationFailed)
    assert invalid.property_name == "email"
    assert answer.error_of("t5") is None
    assert portal.requests[0].body["inputs"][0] == {
        "objectWriteTraceId": "t1",
        "properties": {"email": "ana@example.com"},
        "associations": [
            {
                "to": {"id": "22"},
                "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}],
            }
        ],
    }


def test_an_update_of_a_merged_away_id_is_missing_without_a_word(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"status": "COMPLETE", "results": [record("2")]})
    answer = client.batch_update("contacts", [UpdateInput("1", {"phone": "1"}), UpdateInput("2", {})])
    assert answer.missing_ids == ["1"]
    assert answer.errors == []


def test_an_upsert_says_which_objects_are_new(portal: ScriptedPortal, client: HubSpotClient) -> None:
    made = {**record("7", new=True), "properties": {"twinbook_id": "uuid-1"}}
    known = {**record("8", new=False), "properties": {"twinbook_id": "uuid-2"}}
    portal.will(200, {"results": [known, made]})
    inputs = [UpsertInput("uuid-1", {"name": "One"}), UpsertInput("uuid-2", {"name": "Two"})]
    answer = client.batch_upsert("companies", "twinbook_id", inputs)
    assert (answer.by_key["uuid-1"].new, answer.by_key["uuid-2"].new) == (True, False)
    assert portal.requests[0].body["inputs"][0] == {
        "id": "uuid-1",
        "idProperty": "twinbook_id",
        "objectWriteTraceId": "uuid-1",
        "properties": {"name": "One", "twinbook_id": "uuid-1"},
    }


def test_a_batch_too_large_for_hubspot_is_a_mistake_of_ours(client: HubSpotClient) -> None:
    with pytest.raises(ValueError, match="101 inputs"):
        client.batch_read("contacts", [str(number) for number in range(101)], [])


def test_archiving_answers_nothing(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(204)
    client.archive("contacts", ["1", "2"])
    assert portal.requests[0].body == {"inputs": [{"id": "1"}, {"id": "2"}]}


def test_a_search_is_sent_as_asked(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(200, {"total": 1, "results": [record("1")], "paging": {"next": {"after": "200"}}})
    groups = [{"filters": [{"propertyName": "domain", "operator": "EQ", "value": "example.com"}]}]
    found = client.search("companies", groups, ["domain"], limit=10, after="100")
    assert (found.total, found.after, found.results[0].id) == (1, "200", "1")
    assert portal.requests[0].body == {
        "filterGroups": groups,
        "properties": ["domain", "hs_merged_object_ids"],
        "sorts": [],
        "limit": 10,
        "after": "100",
    }


def test_a_contact_without_company_has_no_associations_however_that_is_said(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(
        207,
        {
            "results": [],
            "errors": [{"status": "error", "subCategory": "NO_ASSOCIATIONS_FOUND", "context": {"id": ["1"]}}],
        },
    )
    portal.will(200, {"results": []})
    assert client.associations_of(["1", "2"]) == {"1": [], "2": []}
    assert portal.requests[1].body == {"inputs": [{"id": "2"}]}


def test_primary_companies_are_set_pair_by_pair(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(
        207,
        {
            "results": [
                {"fromObjectId": 1, "toObjectId": 10, "labels": ["Primary"]},
                {"from": {"id": "2"}, "to": {"id": "20"}},
            ],
            "errors": [{"category": "OBJECT_NOT_FOUND", "message": "no such company"}],
        },
    )
    answer = client.associate_primary([("1", "10"), ("2", "20"), ("3", "30")])
    assert answer.done == [("1", "10"), ("2", "20")]
    assert answer.missing == [("3", "30")]
    assert isinstance(answer.errors[0], NotFound)


def test_the_account_its_use_its_properties_and_owners_are_read(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(200, {"portalId": 111222, "timeZone": "US/Eastern", "uiDomain": "app.hubspot.com"})
    portal.will(
        200,
        {
            "results": [
                {"name": "email", "modificationMetadata": {"readOnlyValue": False}},
                {"name": "createdate", "type": "datetime", "modificationMetadata": {"readOnlyValue": True}},
                {"name": "sum", "calculated": True, "options": [{"label": "A", "value": "a"}]},
            ]
        },
    )
    portal.will(200, {"results": [{"name": "contactinformation", "label": "Contact information"}]})
    portal.will(200, {"results": [{"id": "1", "email": "o@example.com"}], "paging": {"next": {"after": "2"}}})
    portal.will(200, {"results": [{"id": "2"}]})
    assert client.account_details().time_zone == "US/Eastern"
    assert [one.is_read_only for one in client.properties("contacts").results] == [False, True, True]
    assert client.property_groups("contacts")[0].name == "contactinformation"
    assert [owner.id for owner in client.owners()] == ["1", "2"]


def test_our_unique_property_is_made(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(201, {"name": "twinbook_id", "hasUniqueValue": True})
    made = client.create_property(
        "companies",
        name="twinbook_id",
        label="Twinbook id",
        group_name="companyinformation",
        has_unique_value=True,
    )
    assert made.has_unique_value
    assert portal.requests[0].body["fieldType"] == "text"


@pytest.mark.parametrize("version", get_args(Version))
def test_every_version_has_its_own_paths(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], version: str
) -> None:
    client = make_client(version=version)
    portal.will(200, {"results": []}).will(200, {"portalId": 1}).will(
        200, {"results": [{"from": {"id": "1"}}]}
    )
    client.list_page("contacts", [])
    client.account_details()
    client.associations_of(["1"])
    expected = {
        "v3": [
            "GET /crm/v3/objects/contacts",
            "GET /account-info/v3/details",
            "POST /crm/v4/associations/contacts/companies/batch/read",
        ]
    }.get(
        version,
        [
            f"GET /crm/objects/{version}/contacts",
            f"GET /account-info/{version}/details",
            f"POST /crm/associations/{version}/contacts/companies/batch/read",
        ],
    )
    assert portal.paths() == expected


def test_an_id_cannot_escape_its_place_in_the_path(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(404, {"status": "error", "message": "resource not found"})
    with pytest.raises(NotFound):
        client.read("contacts", "../companies/1?x=", [])
    assert portal.paths() == ["GET /crm/objects/2026-03/contacts/..%2Fcompanies%2F1%3Fx%3D"]


def test_the_watermark_comes_from_hubspot_s_clock(portal: ScriptedPortal, client: HubSpotClient) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert client.server_time() == datetime(2026, 11, 23, 12, tzinfo=UTC)
    portal.will(200, {"portalId": 1})
    client.account_details()
    assert before <= client.server_time() <= datetime.now(UTC)


def test_what_an_answer_announces_reaches_the_limiter(
    portal: ScriptedPortal, client: HubSpotClient, limiter: Any
) -> None:
    headers = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}
    portal.will(200, {"portalId": 1}, headers=headers)
    client.account_details()
    assert limiter.usage().burst_limit == 190
    assert limiter.usage().calls == client.calls == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"label": None, "groupName": None, "hidden": None, "options": None, "description": None},
        {"options": [{"value": 5, "label": None}, {"value": "b", "hidden": None}]},
        {"options": [{"value": ["b"]}, {"value": "b"}, 7]},
    ],
)
def test_a_property_with_nulls_or_an_odd_option_is_read_with_the_others(
    portal: ScriptedPortal, client: HubSpotClient, odd: dict[str, Any]
) -> None:
    portal.will(200, {"results": [{"name": "email"}, {"name": "level", **odd}]})
    listed = client.properties("contacts")
    assert [one.name for one in listed.results] == ["email", "level"]
    values = [one.value for one in listed.results[1].options]
    expected = [str(one.get("value")) for one in odd["options"] or [] if isinstance(one, dict)]
    assert values == [one for one in expected if one != "['b']"]
    assert listed.results[1].has_unread_options is (7 in (odd["options"] or []))
    assert listed.unread == []


def test_a_property_that_cannot_be_read_is_named(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(200, {"results": [{"name": "email"}, {"name": "level", "calculated": "maybe"}, {}, "odd"]})
    listed = client.properties("contacts")
    assert [one.name for one in listed.results] == ["email"]
    assert listed.unread == ["level"]
    portal.will(200, {"results": [{"name": "one", "label": None}, {"label": "nameless"}]})
    assert [one.name for one in client.property_groups("contacts")] == ["one"]


def test_an_account_without_any_property_is_no_answer(portal: ScriptedPortal, client: HubSpotClient) -> None:
    portal.will(200, {"results": []})
    with pytest.raises(MalformedAnswer):
        client.properties("contacts")
