"""The endings of a run's records, as its kind names them: an undo *removes* what a pull had made.

An ending is an outcome, or the part of an outcome that one reason stands for. Every record is counted by its
outcome; the parts are counted separately, so that a page can show them without reading the log.
"""

from collections.abc import Mapping

from msgspec import Struct

from webapp.domain.runs.outcomes import (
    CREATED,
    FAILED,
    HELD,
    OUTCOMES,
    SKIPPED,
    UNCHANGED,
    UNDECIDED,
    UPDATED,
)

REMOVED, DEACTIVATED, ARCHIVED, DELETED = "removed", "deactivated", "archived", "deleted"

_PART_OF_REASON = {
    "undone_removed": REMOVED,
    "undone_deactivated": DEACTIVATED,
    "undone_archived": ARCHIVED,
    "deleted_here": DELETED,
    UNDECIDED: UNDECIDED,
}
_OUTCOME_OF_PART = {UNDECIDED: HELD}
"""The outcomes of parts; all others are updates."""

_PARTS_OF_KIND: dict[str, tuple[str, ...]] = {
    "undo": (REMOVED, DEACTIVATED, ARCHIVED),
    "delete": (DELETED,),
    "delete_record": (DELETED,),
}
ASSOCIATIONS = "associations"
"""Under this a run counts which contact belongs to which company, beside its companies and contacts."""

LISTED_FIRST = (FAILED, HELD, REMOVED, DELETED, DEACTIVATED, ARCHIVED, UPDATED, CREATED, SKIPPED)
"""The order in which a page lists endings: what needs somebody comes first."""


class Ending(Struct, frozen=True):
    """One way in which records of a run end.

    Attributes:
        name: its stable name: an outcome, or a part of `updated`.
        outcome: the outcome of its log entries.
        reason: the reason of its entries, where it is a part.
        but: reasons that have an ending of their own, where it is the rest of an outcome.
    """

    name: str
    outcome: str
    reason: str | None = None
    but: tuple[str, ...] = ()


def endings_of(kind: str) -> tuple[Ending, ...]:
    """The endings that a kind of run knows, in the order of its table."""
    parts = _PARTS_OF_KIND.get(kind, ())
    reasons = {part: reason for reason, part in _PART_OF_REASON.items()}
    of_parts = [Ending(part, UPDATED, reasons[part]) for part in parts]
    rest = {
        UPDATED: tuple(reasons[part] for part in parts),
        # What a pull has yet to decide about needs nobody.
        HELD: (UNDECIDED,) if kind == "pull" else (),
    }
    found: list[Ending] = []
    for outcome in OUTCOMES:
        found += of_parts if outcome == UPDATED else []
        found.append(Ending(outcome, outcome, but=rest.get(outcome, ())))
    return tuple(found)


def ending_named(kind: str, name: str | None) -> Ending | None:
    """The ending of this name; None where the kind has none."""
    return next((one for one in endings_of(kind) if one.name == name), None)


def part_of(outcome: str, reason: str | None) -> str | None:
    """The named part of its outcome under which a record is counted as well; None if it has none."""
    part = _PART_OF_REASON.get(reason or "")
    return part if part is not None and _OUTCOME_OF_PART.get(part, UPDATED) == outcome else None


def count_of(counts: Mapping[str, int], ending: Ending) -> int:
    """How many records ended so; `counts` are those of one object type."""
    taken = sum(counts.get(_PART_OF_REASON[reason], 0) for reason in ending.but)
    return counts.get(ending.name, 0) - taken


def listed_count(counts: Mapping[str, Mapping[str, int]], ending: Ending, object_type: str | None) -> int:
    """How many entries of a run's log end so; unchanged records are counted but not listed."""
    if ending.outcome == UNCHANGED:
        return 0
    chosen = [counts.get(object_type, {})] if object_type else list(counts.values())
    return sum(count_of(one, ending) for one in chosen)


def all_listed(counts: Mapping[str, Mapping[str, int]]) -> int:
    """How many entries the log of a run has."""
    return sum(one.get(name, 0) for one in counts.values() for name in OUTCOMES if name != UNCHANGED)
