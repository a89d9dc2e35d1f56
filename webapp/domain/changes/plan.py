"""The plan of a bulk change, record by record."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Change, Value, same
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import ChangeVerb

VERBS: dict[ObjectType, tuple[ChangeVerb, ...]] = {
    "companies": ("status", "activate", "deactivate", "stop", "resume"),
    "contacts": ("status", "company", "activate", "deactivate", "stop", "resume"),
}
"""What can be done with many records of a type; `company` gives contacts another one."""

LINKED, STOPPED = "linked", "stopped"

_FIELDS: dict[ChangeVerb, str] = {"status": "status", "company": "company_id"}


class Terms(Struct, frozen=True):
    """The change: its verb, and the new value if the verb takes one; None if the company no longer exists."""

    verb: ChangeVerb
    value: Value = None


class Present(Struct, frozen=True):
    """A record before the change; `values` is None if it no longer exists, `link_state` if it has no link."""

    values: Mapping[str, Value] | None
    is_active: bool = True
    link_state: str | None = None


class ChangePlan(Struct, frozen=True, kw_only=True):
    """How one record is changed.

    Attributes:
        does: whether its `fields` change, it is `turned` on or off, or its link is `switched`; None where it
            is left.
    """

    outcome: str
    does: Literal["fields", "turned", "switched"] | None = None
    reason: str | None = None
    changes: tuple[Change, ...] = ()
    detail: dict[str, Any] | None = None


_UNCHANGED = ChangePlan(outcome=outcomes.UNCHANGED)


def plan_change(present: Present, terms: Terms) -> ChangePlan:
    """Decide how one record is changed.

    The detail of a plan that turns or switches is what an undo goes by.
    """
    if present.values is None:
        return ChangePlan(outcome=outcomes.SKIPPED, reason="deleted_already")
    if (field := _FIELDS.get(terms.verb)) is not None:
        if terms.verb == "company" and terms.value is None:
            return ChangePlan(outcome=outcomes.SKIPPED, reason="target_gone")
        old = present.values.get(field)
        if same(old, terms.value):
            return _UNCHANGED
        change = (field, old, terms.value)
        return ChangePlan(outcome=outcomes.UPDATED, does="fields", changes=(change,))
    if terms.verb in ("activate", "deactivate"):
        return _turned(present, to=terms.verb == "activate")
    return _switched(present.link_state, to=STOPPED if terms.verb == "stop" else LINKED)


def _turned(present: Present, *, to: bool) -> ChangePlan:
    if present.is_active == to:
        return _UNCHANGED
    if to:
        detail = {"activated": True}
        return ChangePlan(outcome=outcomes.UPDATED, does="turned", reason="activated_here", detail=detail)
    detail = {"deactivated": True}
    return ChangePlan(outcome=outcomes.UPDATED, does="turned", reason="deactivated_here", detail=detail)


def _switched(state: str | None, *, to: str) -> ChangePlan:
    if state == to:
        return _UNCHANGED
    if state not in (LINKED, STOPPED):
        return ChangePlan(outcome=outcomes.SKIPPED, reason="not_syncing")
    if to == STOPPED:
        detail = {"sync_stopped": True}
        return ChangePlan(outcome=outcomes.UPDATED, does="switched", reason="stopped_here", detail=detail)
    detail = {"sync_resumed": True}
    return ChangePlan(outcome=outcomes.UPDATED, does="switched", reason="resumed_here", detail=detail)
