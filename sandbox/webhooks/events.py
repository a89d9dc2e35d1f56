"""Webhook events in the order in which they happened; none is kept while no address is set.

Source: HubSpot's webhook guide, and captured deliveries, for the fields of each kind.
"""

import time
from collections import deque
from itertools import permutations
from threading import Event
from typing import Any, NamedTuple

from sandbox.kinds import Kind
from sandbox.settings import Settings

APP_ID = 3333
API = ("INTEGRATION", str(APP_ID))
PERSON = ("CRM_UI", "userId:9")
AUTOMATIC = ("AUTO_ASSOCIATE_BY_DOMAIN", "")

_PLACE = ("phone", "address", "city", "state", "zip", "country", "lifecyclestage")
SUBSCRIBED: dict[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email", "mobilephone", "jobtitle", *_PLACE),
    "companies": (
        *("name", "domain", "website", "description", "numberofemployees", "industry"),
        *_PLACE,
    ),
}
"""The properties whose changes are events."""

_FIRST_EVENT_ID = 3_816_279_000
_EVENTS = (
    "creation",
    "deletion",
    "merge",
    "restore",
    "associationChange",
    "privacyDeletion",
    "propertyChange",
)


class Pending(NamedTuple):
    """An event, and when it happened by a clock that only moves forward, in seconds."""

    at_s: float
    event: dict[str, Any]


class Events:
    """What waits to be delivered. Whoever calls holds the portal's lock."""

    def __init__(self) -> None:
        self.pending: deque[Pending] = deque()
        self.news = Event()
        self.actor = API
        self.settings = Settings()
        self._count = 0

    def created(self, kind: Kind, number: int, values: dict[str, str]) -> None:
        """A record was made: the creation, and each subscribed property that it was made with."""
        if not self.settings.webhook_url:
            return
        properties = [(name, value) for name, value in values.items() if name in SUBSCRIBED[kind.name]]
        if not self.settings.webhook_properties_first:
            self._append(kind, "creation", objectId=number, changeFlag="CREATED")
        for name, value in properties:
            self.changed(kind, number, name, value)
        if self.settings.webhook_properties_first:
            self._append(kind, "creation", objectId=number, changeFlag="CREATED")

    def changed(self, kind: Kind, number: int, name: str, value: str) -> None:
        """A property got another value."""
        if self.settings.webhook_url and name in SUBSCRIBED[kind.name]:
            self._append(kind, "propertyChange", objectId=number, propertyName=name, propertyValue=value)

    def deleted(self, kind: Kind, number: int) -> None:
        """A record was archived, or lives on as another."""
        if self.settings.webhook_url:
            self._append(kind, "deletion", objectId=number, changeFlag="DELETED")

    def restored(self, kind: Kind, number: int) -> None:
        """An archived record is there again."""
        if self.settings.webhook_url:
            self._append(kind, "restore", objectId=number, changeFlag="RESTORED")

    def privacy_deleted(self, kind: Kind, number: int) -> None:
        """A contact was erased for good; the event of its deletion comes beside it, in no promised order."""
        if self.settings.webhook_url:
            self._append(kind, "privacyDeletion", objectId=number)
            self.deleted(kind, number)

    def merged(self, kind: Kind, numbers: tuple[int, int], survivor: int, moved: int) -> None:
        """Two records became one; `numbers` are the primary's and the other's."""
        if not self.settings.webhook_url:
            return
        primary, other = numbers
        self._append(
            kind,
            "merge",
            objectId=primary,
            primaryObjectId=primary,
            mergedObjectIds=[other],
            newObjectId=survivor,
            numberOfPropertiesMoved=moved,
        )
        if self.settings.webhook_merge_deletions:
            for number in {primary, other} - {survivor}:
                self.deleted(kind, number)

    def associated(
        self, ends: tuple[Kind, Kind], one: int, other: int, *, is_removed: bool, is_primary: bool
    ) -> None:
        """An association came or went; one event from each side."""
        if not self.settings.webhook_url or ends[0] == ends[1]:
            return
        for (near, start), (far, end) in permutations(zip(ends, (one, other), strict=True)):
            self._append(
                near,
                "associationChange",
                associationType=f"{near.legacy_name}_TO_{far.legacy_name}",
                fromObjectId=start,
                toObjectId=end,
                associationRemoved=is_removed,
                isPrimaryAssociation=is_primary,
            )

    def test(self, kind: Kind) -> None:
        """The button that sends fixed data about nobody."""
        self.actor = ("CRM", "")
        sample = {"objectId": 123, "propertyName": "email", "propertyValue": "sample-value"}
        self._append(kind, "propertyChange", **sample)
        self.pending[-1].event["eventId"] = 100
        self.actor = API

    def _append(self, kind: Kind, action: str, **fields: Any) -> None:
        self._count += 1
        name = f"{kind.singular}.{action}"
        event = {
            "eventId": _FIRST_EVENT_ID + self._count,
            "subscriptionId": 20 + _EVENTS.index(action),
            "portalId": self.settings.portal_id,
            "appId": APP_ID,
            "occurredAt": int(time.time() * 1000),
            "subscriptionType": name,
            "attemptNumber": 0,
            "changeSource": self.actor[0],
            "sourceId": self.actor[1],
            **fields,
        }
        self.pending.append(Pending(time.monotonic(), event))
        self.news.set()
