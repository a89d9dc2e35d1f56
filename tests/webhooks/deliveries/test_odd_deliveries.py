"""One odd event among good ones: these are taken, and HubSpot is told no reason to repeat them (B19, B49)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from tests.support.samples.factories import make_connection
from tests.support.samples.webhook_events import PORTAL, deliver, webhook_event
from tests.support.usecases import pulling
from webapp.models import InboxEvent

pytestmark = pytest.mark.one_database

_DEEP = b"[" * 3_000 + b"]" * 3_000
_LONG = b"9" * 5_000


@pytest.fixture(autouse=True)
def _connected(in_app: Flask) -> None:
    """A connection on which nothing was pulled yet: what is delivered is stored, and not looked into here."""
    assert in_app
    make_connection(str(PORTAL))


def _as_json(number: int) -> bytes:
    return json.dumps(webhook_event("contact.creation", number)).encode()


def _with_value(value: bytes) -> bytes:
    """An event about contact 50 whose property got this value."""
    item = webhook_event("contact.propertyChange", 50, propertyName="city", propertyValue="?")
    return json.dumps(item).encode().replace(b'"?"', value)


def _taken() -> list[str]:
    return [one.remote_id for one in pulling.all_rows(InboxEvent)]


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("value", "unreadable"),
    [
        (b'"K\xf6ln ]},{["', 0),
        (b'"half \\ud83d"', 0),
        (b"1e999", 0),
        (b"NaN", 0),
        (b'{"of": ["all", null, 1.5]}', 0),
        (b'"one", "propertyValue": "other"', 0),
        (_LONG, 1),
        (_DEEP, 1),
        (b"1 2", 1),
        (b'"tab\t"', 1),
    ],
    ids=[
        *["latin letters", "half a letter", "infinite", "no number", "an object", "key twice"],
        *["thousands of digits", "deep", "two values", "a bare tab"],
    ],
)
def test_an_odd_value_among_ninety_nine_events_keeps_none_of_them(
    hubspot: FlaskClient, value: bytes, unreadable: int
) -> None:
    items = [*map(_as_json, range(1, 50)), _with_value(value), *map(_as_json, range(51, 101))]
    with capture_logs() as logs:
        assert deliver(hubspot, b"[" + b" , ".join(items) + b"]").status_code == 204
    numbers = [*range(1, 50), *([] if unreadable else [50]), *range(51, 101)]
    assert _taken() == list(map(str, numbers))
    lines = [(one["count"], one["items"]) for one in logs if one["event"] == "events_unreadable"]
    assert lines == [(1, 100)] * unreadable


@pytest.mark.parametrize("broken", [b"[%s", b"[%s]]", b"[%s],[1]", b'[%s,"]', b"{%s}", b"[%s}x]"])
def test_what_is_no_array_as_a_whole_is_still_refused(hubspot: FlaskClient, broken: bytes) -> None:
    assert deliver(hubspot, broken % _with_value(b'"\xff"')).status_code == 400
    assert not _taken()


_FIELDS = (
    *("subscriptionType", "eventType", "objectTypeId", "objectId", "portalId", "appId", "eventId"),
    *("occurredAt", "propertyName", "propertyValue", "changeSource", "sourceId", "attemptNumber"),
    *("associationType", "fromObjectId", "toObjectId", "fromObjectTypeId", "toObjectTypeId"),
)


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "x", [], [1], {"a": None}], ids=repr)
def test_any_field_may_hold_anything_or_be_missing(hubspot: FlaskClient, value: Any) -> None:
    changed = webhook_event("contact.propertyChange", 4, propertyName="city", propertyValue="Ulm")
    moved = webhook_event("contact.associationChange", 4, fromObjectId=4, toObjectId=5)
    for name in _FIELDS:
        odd = [{**changed, name: value}, {**moved, name: value}]
        odd += [{key: one for key, one in item.items() if key != name} for item in odd]
        good = webhook_event("company.deletion", 7)
        assert deliver(hubspot, [*odd, good]).status_code == 204, name
        assert _taken()[-1] == "7", name


def test_an_id_that_hubspot_never_gives_is_never_asked_for(hubspot: FlaskClient) -> None:
    """It would refuse the whole batch that names one, and with it every other event, again and again."""
    never: tuple[Any, ...] = (0, -1, 2**63, 10**20, 10**30, "0", "-7", "9223372036854775808", "51.0", 5.5)
    items = [webhook_event("contact.creation", 1, objectId=number) for number in never]
    items += [webhook_event("contact.merge", 51, newObjectId=number) for number in never if number]
    largest = str(2**63 - 1)
    assert deliver(hubspot, [*items, webhook_event("contact.creation", largest)]).status_code == 204
    assert _taken() == [largest]


def test_lists_nested_without_end_do_no_harm_where_a_word_is_expected(hubspot: FlaskClient) -> None:
    nested: Any = []
    for _ in range(700):
        nested = [nested]
    for name in ("subscriptionType", "objectTypeId", "associationType"):
        odd = webhook_event("x", 4) | {"subscriptionType": "object.creation", name: nested}
        assert deliver(hubspot, [odd, webhook_event("contact.creation", 51)]).status_code == 204
    assert _taken()[-3:] == ["51"] * 3
