"""Refusals and part answers that no documentation has: none proves more than it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.batches import CreateInput
from webapp.hubspot.calls.in_parts import MOST_ALONE
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    AccountMoved,
    GatewayTrouble,
    MissingScopes,
    NotFound,
    RateLimited,
    RequestRefused,
    ValidationFailed,
)

GONE = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "None of these objects exists."}
FORBIDDEN = {"status": "error", "message": "You do not have permission to see this record."}
LIMITED = {"status": "error", "category": "RATE_LIMITS", "message": "Too many at once."}


def _object(number: str) -> dict[str, Any]:
    times = {"createdAt": "2026-01-05T09:12:01.123Z", "updatedAt": "2026-02-01T10:00:00Z"}
    return {"id": number, "properties": {"email": f"p{number}@example.com"}, **times}


@pytest.mark.parametrize("body", [b"<html>not found</html>", b"", {}, []])
def test_a_404_that_is_not_hubspots_does_not_prove_that_an_object_is_gone(
    portal: ScriptedPortal, client: HubSpotClient, body: Any
) -> None:
    for _ in range(5):
        portal.will(404, body)
    with pytest.raises(GatewayTrouble) as caught:
        client.read("contacts", "1", [])
    assert caught.value.retryable


@pytest.mark.parametrize("status", [400, 405, 406, 409, 410, 412, 422])
def test_a_page_of_a_proxy_refuses_nothing_in_hubspots_name(
    portal: ScriptedPortal, client: HubSpotClient, status: int
) -> None:
    portal.will(status, b"<html>Not here</html>").will(200, _object("1"))
    assert client.read("contacts", "1", []).id == "1"
    portal.requests.clear()
    for _ in range(5):
        portal.will(status, b"<html>Not here</html>")
    with pytest.raises(GatewayTrouble) as caught:
        client.read("contacts", "1", [])
    assert caught.value.retryable
    assert len(portal.requests) == 4


def test_a_create_that_a_proxy_answers_is_not_repeated_blindly(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(409, b"<html>Conflict</html>").will(200, {"results": []})
    with pytest.raises(GatewayTrouble) as caught:
        client.batch_create("contacts", [CreateInput("t1", {"email": "a@b.example"})])
    assert caught.value.may_have_taken_effect
    assert [path.split("/")[-1] for path in portal.paths()] == ["create", "contacts"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, GatewayTrouble),
        (403, MissingScopes),
        (404, GatewayTrouble),
        (409, GatewayTrouble),
        (421, AccountMoved),
    ],
)
def test_a_refusal_in_the_style_of_other_servers_proves_nothing_of_an_object(
    portal: ScriptedPortal, client: HubSpotClient, status: int, kind: type[Exception]
) -> None:
    """They name an error too, as the exchange of a code for tokens does."""
    body = {"status": status, "error": "Something", "message": "No message available", "path": "/crm"}
    for _ in range(3):
        portal.will(status, body)
    with pytest.raises(kind):
        client.read("contacts", "1", [])


def test_a_batch_of_objects_of_which_none_is_there_proves_no_more_than_leaving_them_out(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(404, GONE)
    answer = client.batch_read("contacts", ["1", "2"], [], archived=True)
    assert (answer.results, answer.missing_ids) == ([], ["1", "2"])


def test_a_batch_at_an_address_that_is_not_there_proves_nothing(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(404, {"status": "error", "message": "resource not found"})
    with pytest.raises(NotFound):
        client.batch_read("contacts", ["1", "2"], [])


def test_what_is_gone_already_keeps_nothing_from_being_archived(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(404, GONE).will(204).will(404, GONE).will(404, GONE).will(204)
    client.archive("contacts", ["1", "2", "3", "4"])
    named = [[one["id"] for one in request.body["inputs"]] for request in portal.requests]
    assert named == [["1", "2", "3", "4"], ["1", "2"], ["3", "4"], ["3"], ["4"]]


@pytest.mark.parametrize("id_property", [None, "email"])
def test_an_object_that_may_not_be_read_is_found_out_and_the_others_are_read(
    portal: ScriptedPortal, client: HubSpotClient, id_property: str | None
) -> None:
    keys = ["1", "2", "3", "4"] if id_property is None else [f"p{number}@example.com" for number in "1234"]
    portal.will(403, FORBIDDEN).will(200, {"results": [_object("1"), _object("2")]})
    portal.will(403, FORBIDDEN).will(403, FORBIDDEN).will(200, {"results": [_object("4")]})
    answer = client.batch_read("contacts", keys, ["email"], id_property)
    assert [one.id for one in answer.results] == ["1", "2", "4"]
    assert (list(answer.unreadable), answer.missing_ids) == ([keys[2]], [])
    assert "permission" in answer.unreadable[keys[2]].why


def test_where_nothing_may_be_read_it_is_not_about_the_objects(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    for _ in range(100):
        portal.will(403, FORBIDDEN)
    with pytest.raises(MissingScopes):
        client.batch_read("contacts", [str(number) for number in range(100)], [])
    assert len(portal.requests) < 4 * MOST_ALONE


@pytest.mark.parametrize(
    ("body", "calls"),
    [(b"<html>Forbidden</html>", 2), ({"message": "Scopes.", "category": "MISSING_SCOPES"}, 1)],
)
def test_a_refusal_of_the_app_or_of_all_calls_is_about_no_object(
    portal: ScriptedPortal, client: HubSpotClient, body: Any, calls: int
) -> None:
    for _ in range(calls):
        portal.will(403, body)
    with pytest.raises(MissingScopes):
        client.batch_read("contacts", ["1", "2"], [])
    assert len(portal.requests) == calls


def test_an_error_that_names_an_input_goes_before_one_that_names_none(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    refused = {"category": "VALIDATION_ERROR", "message": "Odd.", "context": {"ids": ["1"]}}
    portal.will(207, {"results": [_object("2")], "errors": [{"category": "A_NEW_ONE"}, refused]})
    answer = client.batch_read("contacts", ["1", "2", "3"], [])
    assert isinstance(answer.error_of("1"), ValidationFailed)
    assert isinstance(answer.error_of("3"), RequestRefused)


def _related(*pairs: tuple[str, int]) -> dict[str, Any]:
    primary = [{"category": "HUBSPOT_DEFINED", "typeId": 1}]
    return {
        "results": [
            {"from": {"id": contact}, "to": [{"toObjectId": company, "associationTypes": primary}]}
            for contact, company in pairs
        ]
    }


@pytest.mark.parametrize("results", [[], [{"fromObjectId": 1, "toObjectId": 10}] * 2])
def test_associations_of_which_the_answer_says_nothing_are_looked_up(
    portal: ScriptedPortal, client: HubSpotClient, results: list[Any]
) -> None:
    """An empty answer has been seen where they were made, and one may come twice."""
    portal.will(201, {"status": "COMPLETE", "results": results}).will(200, _related(("1", 10), ("2", 20)))
    portal.will(200, {"results": []})
    answer = client.associate_primary([("1", "10"), ("2", "20"), ("3", "30")])
    assert (answer.done, answer.missing) == ([("1", "10"), ("2", "20")], [("3", "30")])
    assert (len(portal.requests), answer.errors) == (3, [])


def test_associations_that_are_refused_by_name_are_not_looked_up(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(207, {"results": [{"fromObjectId": 1, "toObjectId": 10}], "errors": [GONE]})
    assert client.associate_primary([("1", "10"), ("2", "20")]).missing == [("2", "20")]
    assert len(portal.requests) == 1


def test_associations_refused_for_a_cause_that_passes_are_not_given_up(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    portal.will(207, {"results": [{"fromObjectId": 1, "toObjectId": 10}], "errors": [LIMITED]})
    with pytest.raises(RateLimited):
        client.associate_primary([("1", "10"), ("2", "20")])
