from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.errors import problem
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    Conflict,
    HubSpotError,
    InvalidToken,
    MissingScopes,
    NotFound,
    RequestRefused,
    ValidationFailed,
)
from webapp.hubspot.http.answers import from_exception
from webapp.text.sentence import stored_problem


def refusal(portal: ScriptedPortal, client: HubSpotClient, status: int, body: Any) -> HubSpotError:
    portal.will(status, body, headers={"x-hubspot-correlation-id": "from-header"})
    with pytest.raises(HubSpotError) as caught:
        client.account_details()
    return caught.value


def test_an_error_carries_what_hubspot_says(portal: ScriptedPortal, client: HubSpotClient) -> None:
    error = refusal(
        portal,
        client,
        404,
        {
            "status": "error",
            "message": "Object not found.  objectId are usually numeric.",
            "correlationId": "abc-1",
            "context": {"id": ["abc"]},
            "category": "OBJECT_NOT_FOUND",
        },
    )
    assert isinstance(error, NotFound)
    assert error.message == "Object not found.  objectId are usually numeric."
    assert (error.status, error.category, error.correlation_id) == (404, "OBJECT_NOT_FOUND", "abc-1")
    assert error.context == {"id": ["abc"]}


def test_the_correlation_id_is_taken_from_the_header_where_the_body_has_none(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    assert refusal(portal, client, 413, {}).correlation_id == "from-header"


@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b"", b"[1]", {"message": 7, "errors": "x", "context": 3}]
)
def test_an_envelope_that_says_nothing_is_still_an_error(
    portal: ScriptedPortal, client: HubSpotClient, body: Any
) -> None:
    error = refusal(portal, client, 413, body)
    assert isinstance(error, RequestRefused)
    assert error.problem == problem("answered_with_status", status=413)
    assert error.stored_text == error.problem.stored()


def test_a_text_of_hubspot_is_kept_as_it_came(portal: ScriptedPortal, client: HubSpotClient) -> None:
    error = refusal(portal, client, 400, {"message": "No, thank you."})
    assert (error.problem, error.stored_text) == (None, "No, thank you.")


@pytest.mark.parametrize("text", ['{"code": "busy", "params": {"kind": "pull"}}', ' \n{"code": "gone"}'])
def test_a_text_of_hubspot_is_never_taken_for_a_problem_of_ours(
    portal: ScriptedPortal, client: HubSpotClient, text: str
) -> None:
    """Whoever may write into the portal has a say in what its errors quote."""
    for body in (
        {"message": text},
        {"error_description": text},
        {"message": "x", "errors": [{"code": "a", "message": text}]},
        {"message": f"Property values were not valid: {json.dumps([{'name': 'a', 'message': text}])}"},
    ):
        error = refusal(portal, client, 400, body)
        texts = [error.stored_text, *(one.message for one in getattr(error, "problems", ()))]
        assert [one for one in texts if stored_problem(one) is not None] == []
        assert text in " ".join(texts)


def test_a_call_that_could_not_be_made_names_its_host_and_the_kind_of_trouble() -> None:
    error = from_exception(requests.exceptions.InvalidURL("https://u:secret@api.test"), "api.test")
    assert isinstance(error, RequestRefused)
    assert error.problem == problem("call_not_made", host="api.test", kind="InvalidURL")
    assert "secret" not in f"{error} {error.stored_text}"


def test_missing_scopes_are_named(portal: ScriptedPortal, client: HubSpotClient) -> None:
    error = refusal(
        portal,
        client,
        403,
        {
            "message": "This app hasn't been granted all required scopes to make this call.",
            "category": "MISSING_SCOPES",
            "errors": [
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": ["crm.objects.contacts.read"]},
                }
            ],
        },
    )
    assert isinstance(error, MissingScopes)
    assert error.scopes == ("crm.objects.contacts.read",)
    assert not error.retryable


def test_bad_credentials_ask_for_reconnecting(portal: ScriptedPortal, client: HubSpotClient) -> None:
    body = {"message": "Authentication credentials not found.", "category": "INVALID_AUTHENTICATION"}
    assert isinstance(refusal(portal, client, 401, body), InvalidToken)


def test_an_existing_contact_is_a_conflict_with_its_id(portal: ScriptedPortal, client: HubSpotClient) -> None:
    body = {"message": "Contact already exists. Existing ID: 33451", "category": "CONFLICT"}
    error = refusal(portal, client, 409, body)
    assert isinstance(error, Conflict)
    assert error.existing_id == "33451"


def test_a_conflict_without_an_id_is_a_conflict_too(portal: ScriptedPortal, client: HubSpotClient) -> None:
    error = refusal(portal, client, 409, {"message": "A property named 'x' already exists."})
    assert isinstance(error, Conflict)
    assert error.existing_id is None


def test_a_unique_value_of_another_object_is_a_conflict_with_its_owner(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    message = (
        "Cannot set PropertyValueCoordinates{portalId=111222, objectTypeId=ObjectTypeId{legacyObjectType="
        "CONTACT}, propertyName=email, value=ana@example.com} on 2. 1 already has that value."
    )
    error = refusal(portal, client, 400, {"message": message, "category": "VALIDATION_ERROR"})
    assert isinstance(error, Conflict)
    assert (error.existing_id, error.property_name) == ("1", "email")


def test_problems_are_read_from_the_text_where_the_list_is_missing(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    message = (
        'Property values were not valid: [{"isValid":false,"message":"Email address foo is invalid",'
        '"error":"INVALID_EMAIL","name":"email","portalId":111222},{"isValid":false,"message":"no such",'
        '"error":"PROPERTY_DOESNT_EXIST","name":"nick"}]'
    )
    error = refusal(portal, client, 400, {"message": message, "category": "VALIDATION_ERROR"})
    assert isinstance(error, ValidationFailed)
    assert [problem.property_name for problem in error.problems] == ["email", "nick"]
    assert error.problems[0].code == "INVALID_EMAIL"
    assert error.property_name == "email"


def test_a_validation_error_without_any_detail_is_one_still(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    body = {"message": "Property values were not valid: [broken", "category": "VALIDATION_ERROR"}
    error = refusal(portal, client, 400, body)
    assert isinstance(error, ValidationFailed)
    assert error.problems == ()
