"""What people read where HubSpot refused something without a text: from a code, also once it was stored."""

import json

import msgspec
import pytest

from webapp.errors import Problem, problem
from webapp.text.refusals import refusal, stored_text
from webapp.text.runs.runs import record_error

STATUS = problem("answered_with_status", status=502)
UNMADE = problem("call_not_made", host="api.test", kind="InvalidURL")
TEXTS = [
    (STATUS, "HubSpot answered with status 502."),
    (UNMADE, "The call to api.test could not be made (InvalidURL)."),
]


@pytest.mark.parametrize(("found", "text"), TEXTS)
def test_the_error_of_a_run_and_of_a_record_reads_as_a_sentence(found: Problem, text: str) -> None:
    assert stored_text(found.stored()) == record_error(found.stored()) == text


def test_of_a_list_for_programs_its_sentences_are_shown() -> None:
    sentence = "Email address a@b.c0m is invalid"
    listed = [{"isValid": False, "message": sentence, "error": "INVALID_EMAIL", "name": "email"}]
    text = f"Property values were not valid: {json.dumps(listed)}"
    assert record_error(text) == f"Property values were not valid: {sentence}"


@pytest.mark.parametrize(
    "text",
    [
        "Property values were not valid",
        "{}",
        '{"code": "no such code"}',
        "A: []",
        "A: [{}]",
        "A: [1]",
        "A: [b]",
    ],
)
def test_the_text_of_hubspot_stays_as_it_came(text: str) -> None:
    assert record_error(text) == text


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "busy"}',
        '{"code": "scopes_would_do", "params": {"message": {"a": 1}}}',
        '{"code": "request_refused", "params": {"said": {"a": 1}}}',
        '{"code": "bad_certificate", "params": {"way": "none"}}',
        '{"code": "too_many_contacts", "params": {"contacts": "a", "limit": []}}',
    ],
)
def test_a_problem_that_another_version_has_kept_otherwise_is_shown_as_it_is(text: str) -> None:
    assert stored_text(text) == text
    assert text in (record_error(text), f'{{"code": "{record_error(text)}"}}')


@pytest.mark.parametrize("is_stored", [False, True])
def test_it_stands_in_the_refusal_of_a_connection(is_stored: bool) -> None:  # noqa: FBT001
    refused = problem("request_refused", said=STATUS)
    given = msgspec.json.decode(refused.stored(), type=Problem) if is_stored else refused
    assert refusal(given) == "HubSpot refused: HubSpot answered with status 502."


def test_it_stands_before_the_scopes_that_would_do() -> None:
    stored = problem("scopes_would_do", message=STATUS, scopes=["oauth"]).stored()
    assert stored_text(stored) == "HubSpot answered with status 502. Any of these would do: oauth."
