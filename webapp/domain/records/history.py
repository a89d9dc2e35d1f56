"""A record's history, newest first, and the event behind each field's present value."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True):
    """An edit here, or what a run did with the record.

    Attributes:
        origin: of an edit `person`, `csv`, `merge` or `undo`; None for a run's entry.
        who: the name of the person who edited, or started the run.
        run_id, seq, kind: the run's entry; of an undo its run.
        side: of a run's entry, the side on which the run wrote: `here` or `there`.
        changes: `(field, old, new)` each.
    """

    at: datetime
    origin: str | None = None
    who: str | None = None
    run_id: int | None = None
    seq: int | None = None
    kind: str | None = None
    side: str | None = None
    outcome: str | None = None
    reason: str | None = None
    changes: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def is_sent(self) -> bool:
        """Whether it changed the object in HubSpot instead of the record here."""
        return self.side == "there"


def provenance(fields: Iterable[str], events: Sequence[Event]) -> dict[str, Event]:
    """The event that gave each of these fields its present value; a field without one is left out.

    Args:
        fields: Names of fields.
        events: Newest first.
    """
    remaining, found = set(fields), {}
    for event in events:
        if event.is_sent:
            continue
        for name, _old, _new in event.changes:
            if name in remaining:
                found[name] = event
                remaining.discard(name)
    return found
