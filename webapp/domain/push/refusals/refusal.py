"""A refusal by HubSpot: of a whole record, or of some properties, without which the write is repeated."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class RefusedProperty(Struct, frozen=True):
    """A property whose value HubSpot refused: its name, HubSpot's code, and its text."""

    name: str
    code: str | None = None
    message: str = ""


class Refusal(Struct, frozen=True):
    """Why HubSpot refused a record.

    Attributes:
        message, category, correlation_id: as HubSpot words and names them.
        foreseen: problems that its definitions show before it is called, as data.
        property: the property that it names.
        is_conflict: whether another object has the e-mail address or unique value already.
        existing_id: that object, where HubSpot names it.
        properties: all properties that it names; the others may be sent without them.
        may_be_about_company: whether the company that a new object was to belong to may be the cause.
        reason: as in `webapp.domain.runs.outcomes`.
    """

    message: str = ""
    category: str | None = None
    correlation_id: str | None = None
    property: str | None = None
    is_conflict: bool = False
    existing_id: str | None = None
    foreseen: list[dict[str, Any]] = []
    properties: tuple[RefusedProperty, ...] = ()
    may_be_about_company: bool = False
    reason: str = "refused_by_hubspot"


class RefusedField(Struct, frozen=True):
    """A field that was left out, with the text that HubSpot did not take, and its refusal."""

    name: str
    text: str
    refusal: Refusal


def refusal_detail(refusal: Refusal, sent: dict[str, str]) -> dict[str, Any]:
    """The log's detail of a refusal, with the texts that were sent."""
    detail: dict[str, Any] = {
        "error": refusal.message,
        "foreseen": refusal.foreseen,
        "category": refusal.category,
        "correlation_id": refusal.correlation_id,
        "property": refusal.property,
        "sent": sent,
    }
    return {name: value for name, value in detail.items() if value}


def refused_detail(refused: Sequence[RefusedField]) -> dict[str, Any]:
    """The log's detail of fields that were left out, under the refusal of the first one."""
    sent = {one.name: one.text for one in refused}
    return {**refusal_detail(refused[0].refusal, sent), "refused": list(sent)}
