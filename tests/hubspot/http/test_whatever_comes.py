"""Whatever HubSpot, or what stands before it, answers: a call ends in a value or in an error of ours."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.errors import TwinbookError
from webapp.hubspot.batches import CreateInput, UpdateInput, UpsertInput
from webapp.hubspot.client import HubSpotClient

_HTML = b"<html><head><title>Just a moment...</title></head></html>"
_DEEP = b'{"results":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
_WHOLE = {"createdAt": "2026-01-05T09:12:01.123Z", "updatedAt": "2099-02-01T10:00:00Z", "archived": False}
_ONE = {"id": "1", "properties": {"email": "a@b.example", "hs_object_id": "1"}, **_WHOLE}


class Odd(NamedTuple):
    """An answer, as often as it is asked for."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


_BODIES: dict[str, Any] = {
    "nothing": b"",
    "a page of a proxy": _HTML,
    "cut in the middle": json.dumps({"results": [_ONE]}).encode()[:60],
    "null": b"null",
    "a list": [],
    "a text": "ok",
    "a number": b"1e999",
    "a deep nest": _DEEP,
    "no results": {},
    "null for results": {"results": None},
    "null for a result": {"results": [None]},
    "texts for results": {"results": ["1", 2, True]},
    "unknown ids": {"results": [{**_ONE, "id": "4711"}], "errors": []},
    "one twice": {"results": [_ONE, _ONE, {**_ONE, "archived": True}]},
    "no properties": {"results": [{"id": "1", **_WHOLE}], "id": "1", **_WHOLE},
    "null for properties": {"results": [{**_ONE, "properties": None}]},
    "nested properties": {"results": [{**_ONE, "properties": {"email": {"value": "a"}}}]},
    "no id": {"results": [{"properties": {}, **_WHOLE}]},
    "a fraction for an id": {"results": [{**_ONE, "id": 1.5}]},
    "a date of its own": {"results": [{**_ONE, "updatedAt": "01.02.2026"}]},
    "a time without zone": {"results": [{**_ONE, "updatedAt": "2026-02-01T10:00:00"}]},
    "milliseconds": {"results": [{**_ONE, "updatedAt": 1767225600000}]},
    "an odd cursor": {"results": [], "paging": {"next": {"after": None}}},
    "odd paging": {"results": [], "paging": "next"},
    "odd errors": {"results": [], "errors": "none", "numErrors": 1},
    "null for an error": {"results": [], "errors": [None]},
    "errors without anything": {"results": [], "errors": [{}]},
    "errors of unknown ids": {"results": [], "errors": [{"context": {"ids": [7, None]}, "category": 5}]},
    "broken letters": b'{"results":[],"name":"\xff\xfe"}',
}
_ANSWERS: dict[str, Odd] = {
    **{f"200 {name}": Odd(200, body) for name, body in _BODIES.items()},
    **{f"207 {name}": Odd(207, body) for name, body in _BODIES.items() if "error" in name},
    **{f"{status} of a proxy": Odd(status, _HTML) for status in (400, 401, 403, 404, 409, 418, 423, 451)},
    **{
        f"{status} of a proxy": Odd(status, _HTML) for status in (500, 503, 504, 520, 521, 522, 523, 524, 530)
    },
    **{f"{status} without a body": Odd(status) for status in (201, 202, 204, 205, 300, 304, 399, 477, 488)},
    "another number for a status": Odd(799, _HTML),
    "broken gzip": Odd(200, b"no gzip", {"Content-Encoding": "gzip"}),
    "half of gzip": Odd(200, gzip.compress(b"x" * 10_000)[:30], {"Content-Encoding": "gzip"}),
    "an unknown compression": Odd(200, b"?", {"Content-Encoding": "zstd, br"}),
    "a redirect to itself": Odd(302, None, {"Location": "/crm"}),
    "a redirect to nowhere": Odd(301, None, {"Location": "http://[nowhere"}),
    "a redirect to another scheme": Odd(302, None, {"Location": "ftp://elsewhere.example/"}),
    "a redirect with its method": Odd(307, None, {"Location": "https://127.0.0.1:1/"}),
    "a redirect without address": Odd(302),
    "429 until a date": Odd(429, {}, {"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}),
    "429 until an odd date": Odd(429, {}, {"Retry-After": "Wed, 99 Oct 99999 07:28:00 GMT"}),
    "429 until nan": Odd(429, [], {"Retry-After": "nan"}),
    "503 for less than nothing": Odd(503, None, {"Retry-After": "-1e400"}),
    "odd limits": Odd(200, {}, {"X-HubSpot-RateLimit-Max": "1e9", "X-HubSpot-RateLimit-Daily": "٣"}),
    "an odd date": Odd(200, {}, {"Date": "yesterday"}),
    "400 with odd errors": Odd(400, {"message": ": [", "errors": [5, {"context": []}], "context": 5}),
    "409 without a number": Odd(409, {"message": "Contact already exists. Existing ID: "}),
}
_CALLS: dict[str, Callable[[HubSpotClient], object]] = {
    "list": lambda client: client.list_page("contacts", ["email"]),
    "read": lambda client: client.read("contacts", "1", ["email"]),
    "batch": lambda client: client.batch_read("contacts", ["1", "2"], ["email"]),
    "search": lambda client: client.search("companies", []),
    "associations": lambda client: client.associations_of(["1", "2"]),
    "account": lambda client: client.account_details(),
    "owners": lambda client: client.owners(),
    "properties": lambda client: client.properties("contacts"),
    "create": lambda client: client.batch_create("contacts", [CreateInput("t", {"email": "a@b.example"})]),
    "upsert": lambda client: client.batch_upsert("companies", "twinbook_id", [UpsertInput("k", {})]),
    "archive": lambda client: client.archive("contacts", ["1"]),
    "merge": lambda client: client.merge("contacts", "1", "2"),
    "associate": lambda client: client.associate_primary([("1", "2")]),
    "contacts of a company": lambda client: client.contacts_of(["1", "2"]),
    "groups": lambda client: client.property_groups("contacts"),
    "update": lambda client: client.batch_update("contacts", [UpdateInput("1", {"email": "a@b.example"})]),
    "associate plainly": lambda client: client.associate_plainly([("1", "2")]),
    "dissociate": lambda client: client.dissociate([("1", "2")]),
    "take primary": lambda client: client.take_primary([("1", "2")]),
}


@pytest.mark.parametrize("call", _CALLS)
def test_a_call_ends_in_a_value_or_in_an_error_of_ours(
    call: str, portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], store: Any
) -> None:
    surprises, client = [], make_client(patience_s=0)
    for name, odd in _ANSWERS.items():
        # What one answer says of limits must not hold the next one up.
        store.flushall()
        portal.script.clear()
        for _ in range(40 if "Location" in odd.headers else 2):
            portal.will(odd.status, odd.body, headers=odd.headers)
        try:
            _CALLS[call](client)
        except TwinbookError:
            continue
        except Exception as error:  # noqa: BLE001 - all of them are shown together
            surprises.append(f"{name}: {type(error).__name__}: {error}"[:200])
    assert not surprises
