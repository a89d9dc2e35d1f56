"""Associations that an answer leaves out without an error are asked for again before they count as none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.client import HubSpotClient


def _record(object_id: str, **properties: str) -> dict[str, Any]:
    times = {"createdAt": "2026-01-05T09:12:01.123Z", "updatedAt": "2026-02-01T10:00:00Z"}
    return {"id": object_id, "properties": properties, **times}


@pytest.mark.parametrize("listed", [True, False])
def test_a_company_that_an_answer_leaves_out_is_fetched_where_the_contact_names_it(
    portal: ScriptedPortal, client: HubSpotClient, *, listed: bool
) -> None:
    named = _record("1", associatedcompanyid="700")
    primary = [{"typeId": 1, "category": "HUBSPOT_DEFINED", "label": "Primary"}]
    portal.will(200, {"results": [named, _record("2")]} if listed else named)
    portal.will(
        200, {"results": [{"from": {"id": "1"}, "to": [{"toObjectId": 700, "associationTypes": primary}]}]}
    )
    found = client.list_page("contacts", []).results if listed else [client.read("contacts", "1", [])]
    assert found[0].chosen_company_id == "700"
    assert portal.requests[1].body == {"inputs": [{"id": "1"}]}


def test_the_rest_of_an_objects_associations_is_never_taken_for_nothing(
    portal: ScriptedPortal, client: HubSpotClient
) -> None:
    """Where HubSpot has said that there is more, and then says nothing twice."""
    first = {"from": {"id": "1"}, "to": [{"toObjectId": 5}], "paging": {"next": {"after": "500"}}}
    portal.will(200, {"results": [first]}).will(200, {"results": []}).will(200, {"results": []})
    related = client.associations_of(["1"])
    assert (list(related), list(related.unreadable)) == ([], ["1"])
