"""Which webhook events can be ignored: echoes of our own writes, and changes of what is not synced."""

from collections.abc import Mapping as Values
from datetime import datetime
from typing import Protocol

from webapp.domain.links.facts import LinkFacts

_APP = "INTEGRATION"


class EventSummary(Protocol):
    """The part of a webhook event that decides whether it is an echo."""

    kind: str
    property: str | None
    value: str | None
    source: str
    source_id: str
    occurred_at: datetime


def is_worth_a_look(
    event: EventSummary,
    link: LinkFacts | None,
    fields: Values[str, str],
    app_id: str,
    announced: Values[str, str | None],
) -> bool:
    """Whether an object has to be read because of a webhook event.

    Args:
        event: The event.
        link: The object's link, where it has one.
        fields: The mapped field of each property.
        app_id: Our own app's number; empty where it is not known.
        announced: What a push is sending to the object at this moment, by field.
    """
    if event.kind != "changed":
        # A created object that is linked already was made by a push.
        return not (event.kind == "created" and link is not None and link.state == "linked")
    if event.property is not None and event.property not in fields:
        return False
    if link is None or link.state != "linked":
        return True
    return not is_echo(event, link, fields, app_id, announced)


def is_echo(
    event: EventSummary,
    link: LinkFacts,
    fields: Values[str, str],
    app_id: str,
    announced: Values[str, str | None],
) -> bool:
    """Whether a change is our own write, or was read already.

    The value has to be the one that the link last saw: after a push the object's time says nothing of the
    fields that were not sent, which may have changed there a moment before. An event may come before
    the answer to the write: then it is the value that was announced.
    """
    is_own = event.source == _APP and (not app_id or event.source_id == app_id)
    field = fields.get(event.property or "", "")
    if is_own and field in announced and announced[field] == event.value:
        return True
    if link.remote_seen.get(field) != event.value:
        return False
    return is_own or (link.remote_updated_at is not None and event.occurred_at <= link.remote_updated_at)
