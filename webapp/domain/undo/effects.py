"""The extent of an undo by kind of action, from counts, without reading a log."""

from collections.abc import Mapping

from webapp.domain.runs.endings import ARCHIVED, DEACTIVATED, DELETED, REMOVED, count_of, ending_named
from webapp.domain.runs.options import Side
from webapp.domain.runs.outcomes import CREATED, UPDATED

REMOVE, ARCHIVE, DEACTIVATE = "remove", "archive", "deactivate"
BRING_BACK, PUT_BACK = "bring_back", "put_back"

Counts = Mapping[str, Mapping[str, int]]


def foreseen(kind: str, counts: Counts, side: Side, *, archives: bool = False) -> dict[str, int]:
    """The most that undoing a run can do; records that were changed since are left alone.

    Args:
        kind: The kind of the run that is to be reverted.
        counts: Its counts.
        side: Where it wrote.
        archives: Whether objects that it made in HubSpot are archived.
    """
    found = {REMOVE: _sum(kind, counts, CREATED)} if side == "here" else {}
    if side == "there" and archives:
        found[ARCHIVE] = _sum(kind, counts, CREATED)
    found[BRING_BACK] = _sum(kind, counts, REMOVED) + _sum(kind, counts, DELETED)
    found[PUT_BACK] = _sum(kind, counts, UPDATED) + _sum(kind, counts, DEACTIVATED)
    return {verb: count for verb, count in found.items() if count}


def planned(counts: Counts) -> dict[str, int]:
    """The extent of an undo, as its preview has found it."""
    by_verb = {
        REMOVE: REMOVED,
        ARCHIVE: ARCHIVED,
        DEACTIVATE: DEACTIVATED,
        BRING_BACK: CREATED,
        PUT_BACK: UPDATED,
    }
    found = {verb: _sum("undo", counts, name) for verb, name in by_verb.items()}
    return {verb: count for verb, count in found.items() if count}


def _sum(kind: str, counts: Counts, name: str) -> int:
    ending = ending_named(kind, name)
    return sum(count_of(one, ending) for one in counts.values()) if ending is not None else 0
