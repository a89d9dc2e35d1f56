"""Both sides changed one field between two syncs: the later edit is kept, the other one is logged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.links.precedence import HasBase
from webapp.domain.mapping.mapping import Mapping as FieldMapping
from webapp.domain.mapping.values import same_here, same_there
from webapp.domain.records.values import Change, Value

Times = Mapping[str, datetime]
"""When each field was changed last on one side."""


class Overwritten(Struct, frozen=True):
    """A value that a later edit of the other side replaced; `side` is where it was."""

    field: str
    value: Any
    side: Literal["here", "hubspot"]


def decide(
    changes: list[Change], link: HasBase, here: Times, there: Times, mapping: FieldMapping
) -> tuple[list[Change], list[Change], list[Overwritten]]:
    """HubSpot's changes: those to take, those overruled by a later edit here, and the lost values."""
    taken: list[Change] = []
    kept: list[Change] = []
    overwritten: list[Overwritten] = []
    for name, local, remote in changes:
        if same_here(name, local, link.local_seen.get(name), mapping):
            taken.append((name, local, remote))
        elif is_later_here(name, here, there):
            kept.append((name, local, remote))
            overwritten.append(Overwritten(name, remote, "hubspot"))
        else:
            taken.append((name, local, remote))
            overwritten.append(Overwritten(name, local, "here"))
    return taken, kept, overwritten


def both_changed(field: str, value: Value, raw: str | None, link: HasBase, mapping: FieldMapping) -> bool:
    """Whether both sides changed a field since the last sync."""
    has_moved_here = not same_here(field, value, link.local_seen.get(field), mapping)
    return has_moved_here and not same_there(field, raw, link.remote_seen.get(field), mapping)


def is_later_here(field: str, here: Times, there: Times) -> bool:
    """Whether our edit of a field that both sides changed is the later one.

    Without a local time HubSpot's value is kept. Without a remote one the local edit came after the read.
    """
    if field not in here:
        return False
    return field not in there or here[field] > there[field]


def as_detail(overwritten: list[Overwritten]) -> dict[str, Any]:
    """The detail of the log entry, by which a lost value can be put back."""
    return {
        "overwritten": [{"field": one.field, "value": one.value, "side": one.side} for one in overwritten]
    }
