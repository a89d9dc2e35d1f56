"""Answers that speak of objects and inputs that nobody asked for, or of one key twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.batches import CreateInput
from webapp.hubspot.client import HubSpotClient


def _contact(number: str, email: str, **properties: str) -> dict[str, Any]:
    times = {"createdAt": "2026-01-05T09:12:01.123Z", "updatedAt": "2026-02-01T10:00:00Z"}
    return {"id": number, "properties": {"email": email, **properties}, **times}


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_whose_own_address_it_is_goes_before_whose_further_one_it_is(
    portal: ScriptedPortal, client: HubSpotClient, *, is_first: bool
) -> None:
    """A portal's index may still know the address of a contact that has given it away."""
    own, further = (
        _contact("1", "ana@example.com"),
        _contact("2", "b@example.com", hs_additional_emails="ana@example.com"),
    )
    portal.will(200, {"results": [own, further] if is_first else [further, own]})
    answer = client.batch_read("contacts", ["ana@example.com"], [], "email")
    assert (answer.by_key["ana@example.com"].id, answer.missing_ids) == ("1", [])
    assert [one.id for one in answer.results] == ["1"]


def test_an_error_about_an_input_that_was_not_sent_says_nothing_of_the_others(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    """Else a contact that was perhaps made counts as refused for a stranger's sake, and is not looked for."""
    taken = {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 33451"}
    portal.will(207, {"results": [], "errors": [{**taken, "context": {"objectWriteTraceId": ["t9"]}}]})
    answer = client.batch_create("contacts", [CreateInput("t1", {"email": "ana@example.com"})])
    assert (answer.error_of("t1"), answer.missing_ids) == (None, ["t1"])


def test_associations_of_objects_that_nobody_asked_for_are_left_out(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    one = {"from": {"id": "1"}, "to": [{"toObjectId": 10, "associationTypes": []}]}
    other = {**one, "from": {"id": "9"}, "paging": {"next": {"after": "x"}}}
    portal.will(207, {"results": [other, one, {"from": {"id": "8"}, "to": 12.5}, one]})
    portal.will(207, {"results": [other]})
    related = client.associations_of(["1", "2"])
    found = {number: [end.to_id for end in ends] for number, ends in related.items()}
    assert (found, related.unreadable) == ({"1": ["10"], "2": []}, {})
