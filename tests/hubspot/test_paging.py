"""Pages that lead to earlier ones, or on and on: whoever reads them at one go comes to an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.calls import paging
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import MalformedAnswer, RateLimited, WaitLonger
from webapp.usecases.push.finding.company_search import search_ids

_TIMES = {"createdAt": "2026-01-05T09:12:01.123Z", "updatedAt": "2026-02-01T10:00:00Z"}
_FOUND = {"id": "7", "properties": {}, **_TIMES}
_COMPANY = {"toObjectId": 9, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1}]}

Read = Callable[[HubSpotClient], Any]
Page = Callable[[dict[str, Any]], dict[str, Any]]

_READS: dict[str, tuple[Read, Page]] = {
    "owners": (
        lambda client: [one.id for one in client.owners()],
        lambda more: {"results": [{"id": "7", "email": "eva@acme.de"}], **more},
    ),
    "search": (
        lambda client: search_ids(client, "companies", []),
        lambda more: {"total": 9, "results": [_FOUND], **more},
    ),
    "associations": (
        lambda client: [one.to_id for one in client.associations_of(["7"])["7"]],
        lambda more: {"results": [{"from": {"id": "7"}, "to": [_COMPANY], **more}]},
    ),
}


def _leading_to(after: str) -> dict[str, Any]:
    return {"paging": {"next": {"after": after}}}


@pytest.mark.parametrize("name", _READS)
@pytest.mark.parametrize("cursors", [("2", "2"), ("2", "3", "2"), ("2", "3", "4", "5")])
def test_pages_without_an_end_are_given_up(
    portal: ScriptedPortal,
    client: HubSpotClient,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    cursors: tuple[str, ...],
) -> None:
    monkeypatch.setattr(paging, "MOST_PAGES", 3)
    read, page = _READS[name]
    for after in cursors:
        portal.will(200, page(_leading_to(after)))
    with pytest.raises(MalformedAnswer):
        read(client)
    assert len(portal.requests) == len(cursors)


@pytest.mark.parametrize(("name", "found"), [("search", ["7"]), ("associations", ["9"])])
def test_what_is_on_two_pages_is_found_once(
    portal: ScriptedPortal, client: HubSpotClient, name: str, found: list[str]
) -> None:
    read, page = _READS[name]
    portal.will(200, page(_leading_to("2"))).will(200, page({}))
    assert read(client) == found


@pytest.mark.parametrize("name", ["search", "associations", "list"])
def test_an_answer_without_results_is_no_empty_page(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], name: str
) -> None:
    """It would end a Pull in the middle of its list, and take a contact for one without company."""
    read = _READS[name][0] if name in _READS else lambda client: client.list_page("contacts", ["email"])
    portal.will(200, {})
    with pytest.raises(WaitLonger) as waiting:
        read(make_client(patience_s=0))
    assert isinstance(waiting.value.cause, MalformedAnswer)


def test_associations_that_hubspot_has_not_come_to_are_not_none(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient]
) -> None:
    error = {"status": "error", "category": "RATE_LIMITS", "message": "You have reached your secondly limit."}
    none = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No company is associated."}
    one = {"from": {"id": "1"}, "to": [_COMPANY]}
    portal.will(207, {"results": [one], "errors": [{**error, "context": {"fromObjectId": ["2"]}}]})
    with pytest.raises(RateLimited):
        make_client(patience_s=0).associations_of(["1", "2"])
    failed = {**error, "category": "INTERNAL_ERROR", "context": {"fromObjectId": ["2"]}}
    for unnamed in (failed, {**failed, "context": {}}):
        portal.will(207, {"results": [one], "errors": [unnamed]})
        related = make_client(patience_s=0).associations_of(["1", "2"])
        assert (list(related), list(related.unreadable)) == (["1"], ["2"])
    portal.will(207, {"results": [one], "errors": [{**none, "context": {"fromObjectId": ["2"]}}]})
    assert make_client(patience_s=0).associations_of(["1", "2"])["2"] == []
