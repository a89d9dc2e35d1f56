"""Webhook events as plain values: what happened to which object. Their own values are never trusted."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.whole_numbers import whole_number

_TYPES: dict[str, ObjectType] = {"contact": "contacts", "company": "companies"}
_TYPE_IDS: dict[str, ObjectType] = {"0-1": "contacts", "0-2": "companies"}
_KINDS = {
    "creation": "created",
    "propertyChange": "changed",
    "deletion": "deleted",
    "merge": "merged",
    "restore": "restored",
    "privacyDeletion": "privacy_deleted",
    "associationChange": "associated",
}
# HubSpot's test button sends fixed data about an object that does not exist.
_TEST = {"eventId": 100, "objectId": 123, "changeSource": "CRM"}
# HubSpot counts in 64 bits. It refuses a whole batch of objects to read for an id beyond them.
_LARGEST_ID = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = timedelta(days=365 * 200) // timedelta(milliseconds=1)


class WebhookEvent(Struct, frozen=True):
    """An event, as HubSpot reports it.

    Attributes:
        portal_id, app_id: the account, and the app that the event is for.
        kind: created, changed, deleted, merged, restored, privacy_deleted or associated.
        object_type, remote_id: the object to look at: of a merge the survivor, of an association the contact.
        property, value: of a change; the value only serves to recognise an echo.
        source, source_id: who did it, such as `INTEGRATION` and an app's number.
        occurred_at: when, by HubSpot's clock.
    """

    portal_id: str
    app_id: str
    kind: str
    object_type: ObjectType
    remote_id: str
    property: str | None
    value: str | None
    source: str
    source_id: str
    occurred_at: datetime


class Read(Struct, frozen=True):
    """A delivery as read: its events, and how many items were HubSpot's test or are not synced."""

    events: list[WebhookEvent]
    tests: int
    ignored: int


def read_events(items: Iterable[Any]) -> Read:
    """Read the items of a delivery; one that cannot be understood is counted and does no harm."""
    events: list[WebhookEvent] = []
    tests = ignored = 0
    for item in items:
        if is_test(item):
            tests += 1
        elif found := list(_events(item)):
            events += found
        else:
            ignored += 1
    return Read(events, tests, ignored)


def is_test(item: Any) -> bool:
    """Whether HubSpot's test button was pressed."""
    return isinstance(item, dict) and all(item.get(name) == value for name, value in _TEST.items())


def _events(item: Any) -> Iterator[WebhookEvent]:
    """The event of an item; None if it makes no sense or concerns nothing that is synced."""
    if not isinstance(item, dict):
        return
    subject, _, event = (_word(item, "subscriptionType") or _word(item, "eventType")).partition(".")
    kind = _KINDS.get(event)
    object_type, remote_id = _subject(item, subject, kind)
    portal_id = _id(item.get("portalId"))
    if kind is None or object_type is None or remote_id is None or portal_id is None:
        return
    value = item.get("propertyValue")
    yield WebhookEvent(
        portal_id=portal_id,
        app_id=_id(item.get("appId")) or "",
        kind=kind,
        object_type=object_type,
        remote_id=remote_id,
        property=_text(item.get("propertyName"), 100) or None,
        value=None if value is None else _text(value, 1_000),
        source=_text(item.get("changeSource"), 60),
        source_id=_text(item.get("sourceId"), 100),
        occurred_at=_moment(item.get("occurredAt")),
    )


def _subject(item: dict[str, Any], subject: str, kind: str | None) -> tuple[ObjectType | None, str | None]:
    if kind == "associated":
        return _associated_contact(item, subject)
    object_type = _TYPES.get(subject) or _TYPE_IDS.get(_word(item, "objectTypeId"))
    if kind == "merged":
        survivor = item.get("newObjectId") or item.get("primaryObjectId") or item.get("objectId")
        return object_type, _id(survivor)
    return object_type, _id(item.get("objectId"))


def _associated_contact(item: dict[str, Any], subject: str) -> tuple[ObjectType | None, str | None]:
    """The contact of an association with a company, from whichever side it is reported."""
    ends = {"contact": ("0-1", "0-2"), "company": ("0-2", "0-1")}.get(
        subject, (_word(item, "fromObjectTypeId"), _word(item, "toObjectTypeId"))
    )
    name = _word(item, "associationType")
    if name and name not in ("CONTACT_TO_COMPANY", "COMPANY_TO_CONTACT"):
        return None, None
    if ends == ("0-1", "0-2"):
        return "contacts", _id(item.get("fromObjectId"))
    return ("contacts", _id(item.get("toObjectId"))) if ends == ("0-2", "0-1") else (None, None)


def _word(item: dict[str, Any], name: str) -> str:
    """A text of an item; empty if it is missing or not a text."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _id(value: Any) -> str | None:
    """An id, which comes as a number or as its digits."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    number = value if isinstance(value, int) else whole_number(value, _LARGEST_ID)
    return str(number) if number is not None and 0 < number <= _LARGEST_ID else None


def _text(value: Any, longest: int) -> str:
    """A text that both databases can hold."""
    if not isinstance(value, (str, int, float)):
        return ""
    return str(value)[:longest].replace("\0", "").encode("utf-8", "replace").decode()


def _moment(milliseconds: Any) -> datetime:
    """A time of HubSpot's; anything else counts as long ago, so that it never beats a real time."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return _EPOCH
    return _EPOCH + timedelta(milliseconds=min(max(milliseconds, 0), _LATEST_MS))
