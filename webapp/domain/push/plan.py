"""The plan for one record of a push: one frozen value, complete when it is created."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct, structs

from webapp.domain.push.facts import FoundObject, Local
from webapp.domain.push.outgoing import SentChange
from webapp.domain.push.refusals.refusal import Refusal, RefusedField


class Create(Struct, frozen=True, kw_only=True):
    """A new object is made of the record, with these changes; HubSpot did not take the `refused` ones.

    `detail` is what the log keeps besides, of fields that cannot be sent at present.
    """

    remote: ClassVar[None] = None
    regained: ClassVar[tuple[SentChange, ...]] = ()

    local: Local
    changes: tuple[SentChange, ...]
    reason: str | None = None
    detail: dict[str, Any] | None = None
    refused: tuple[RefusedField, ...] = ()


class Update(Struct, frozen=True, kw_only=True):
    """An object gets the record's values, and is linked if it was not.

    Attributes:
        remote: the object as it was read.
        changes: what is sent; nothing, where both sides agree.
        regained: changes that HubSpot holds already, sent by a push that was cut off before it wrote its log.
        outcome: how the record ends if HubSpot takes the changes.
        refused: fields that HubSpot did not take, and that are not sent any more.
    """

    local: Local
    remote: FoundObject
    outcome: str
    changes: tuple[SentChange, ...] = ()
    regained: tuple[SentChange, ...] = ()
    reason: str | None = None
    detail: dict[str, Any] | None = None
    refused: tuple[RefusedField, ...] = ()


class Hold(Struct, frozen=True, kw_only=True):
    """The record waits for a person; `link_state` is the new state of its link, None keeps it.

    `is_refused`: whether HubSpot has refused what was announced of it.
    """

    local: Local
    reason: str
    detail: dict[str, Any] | None = None
    link_state: str | None = None
    regained: tuple[SentChange, ...] = ()
    is_refused: bool = False


class Skip(Struct, frozen=True, kw_only=True):
    """The record is left as it is.

    Attributes:
        remote: the object that HubSpot had until now.
        link_state: what becomes of the link; None keeps it.
    """

    local: Local
    reason: str
    remote: FoundObject | None = None
    detail: dict[str, Any] | None = None
    link_state: str | None = None
    regained: tuple[SentChange, ...] = ()


class Fail(Struct, frozen=True, kw_only=True):
    """The record cannot be looked up at HubSpot, or it cannot be planned.

    Attributes:
        refusal: why.
        error: the surprise that kept it from being planned.
    """

    regained: ClassVar[tuple[SentChange, ...]] = ()

    local: Local
    refusal: Refusal
    error: Exception | None = None


Plan = Create | Update | Hold | Skip | Fail
Sendable = Create | Update
"""Plans for which HubSpot is called; an update without changes is not."""


def is_sent(plan: Plan) -> bool:
    """Whether HubSpot has to be called for a plan."""
    return isinstance(plan, Create) or (isinstance(plan, Update) and bool(plan.changes))


def to_send(plans: Iterable[Plan]) -> list[Sendable]:
    """The plans for which HubSpot is called."""
    return [plan for plan in plans if isinstance(plan, Create | Update) and is_sent(plan)]


def input_key(plan: Sendable) -> str:
    """The key of a record's input in a batch and in its answer."""
    return plan.remote.id if isinstance(plan, Update) else plan.local.uuid


def is_made_by_address(plan: Sendable, object_type: str) -> bool:
    """Whether HubSpot itself refuses a second such object, by its address; otherwise our key prevents it."""
    has_address = bool(plan.local.key) and not any(one.name == "email" for one in plan.refused)
    return object_type == "contacts" and has_address


def company_inside(plan: Sendable, object_type: str) -> str | None:
    """The company with which a contact's object is created, in the same call; None if there is none."""
    is_inside = isinstance(plan, Create) and is_made_by_address(plan, object_type)
    return plan.local.company_remote_id if is_inside else None


def announced(plan: Sendable, uuids: Mapping[int, str], now: datetime) -> Sendable:
    """The plan after its announcement: a record to create has its stored uuid, and the time."""
    if isinstance(plan, Update):
        return plan
    local = plan.local
    named = structs.replace(
        local, uuid=uuids.get(local.id, local.uuid), announced_at=local.announced_at or now
    )
    return structs.replace(plan, local=named)
