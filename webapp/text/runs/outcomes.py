"""Texts of the outcomes of records in a run, as badges show them."""

from collections.abc import Mapping

from webapp.domain.runs.endings import ARCHIVED, DEACTIVATED, DELETED, REMOVED
from webapp.domain.runs.outcomes import CREATED, FAILED, HELD, SKIPPED, UNCHANGED, UPDATED
from webapp.text.translated import Table, ngettext, number_text

_OUTCOMES: dict[str, str] = {
    CREATED: "Created",
    UPDATED: "Updated",
    UNCHANGED: "Unchanged",
    SKIPPED: "Skipped",
    HELD: "Needs you",
    FAILED: "Failed",
}
OUTCOMES = Table(_OUTCOMES)

_FORESEEN: dict[str, str] = {
    CREATED: "To create",
    UPDATED: "To update",
    UNCHANGED: "Unchanged",
    SKIPPED: "To skip",
    HELD: "Would need you",
    FAILED: "Would fail",
}
FORESEEN = Table(_FORESEEN)
"""Labels of outcomes in a preview, which has done nothing."""

_REVERTED: dict[str, tuple[str, str]] = {
    CREATED: ("Brought back", "To bring back"),
    UPDATED: ("Put back", "To put back"),
    REMOVED: ("Removed", "To remove"),
    DEACTIVATED: ("Deactivated", "To deactivate"),
    ARCHIVED: ("Archived", "To archive"),
    SKIPPED: ("Left alone", "To leave alone"),
}
_DELETED: dict[str, tuple[str, str]] = {
    DELETED: ("Deleted", "To delete"),
    SKIPPED: ("Left alone", "To leave alone"),
}
_MERGED: dict[str, tuple[str, str]] = {
    UPDATED: ("Merged", "To merge"),
    SKIPPED: ("Left alone", "To leave alone"),
}
_FOUND: dict[str, tuple[str, str]] = {HELD: ("Found", "To find"), UNCHANGED: ("Compared", "To compare")}
_OF_KIND: dict[str, Table[str, tuple[str, str]]] = {
    "undo": Table(_REVERTED),
    "delete": Table(_DELETED),
    "delete_record": Table(_DELETED),
    "merge_duplicates": Table(_MERGED),
    "find_duplicates": Table(_FOUND),
}
"""What kinds of runs call their endings: done, and in a preview."""


_ENDINGS: dict[str, str] = {
    CREATED: "A new record was made, here or in HubSpot.",
    UPDATED: "Fields were changed, or it was linked.",
    UNCHANGED: "Both sides already agreed. It is counted but not listed.",
    SKIPPED: "It was left as it is on purpose; the reason says why.",
    HELD: "It waits for a decision, since anything else would be a guess.",
    FAILED: "It failed; the others were not affected, and it can be retried.",
}
ENDINGS = Table(_ENDINGS)
"""What each outcome means."""


def outcome(name: str, *, is_preview: bool = False, kind: str = "") -> str:
    """An outcome, or an ending of a kind of run, as people read it; in a preview, as what would be."""
    own = _OF_KIND[kind].get(name) if kind in _OF_KIND else None
    if own is not None:
        return own[1] if is_preview else own[0]
    return (FORESEEN if is_preview else OUTCOMES).get(name, name)


def counted(counts: Mapping[str, int], *, is_preview: bool = False, kind: str = "") -> str:
    """How many records ended how, as far as it occurred: `3 created, 1 needs you`."""
    return ", ".join(
        counted_one(name, counts[name], is_preview=is_preview, kind=kind)
        for name in OUTCOMES
        if counts.get(name)
    )


def counted_one(name: str, count: int, *, is_preview: bool = False, kind: str = "") -> str:
    """How many records ended in one way: `3 created`, `20 need you`."""
    number = number_text(count)
    is_usual = kind not in _OF_KIND or name not in _OF_KIND[kind]
    if name == HELD and is_usual:
        if is_preview:
            return ngettext("%(number)s would need you", "%(number)s would need you", count, number=number)
        return ngettext("%(number)s needs you", "%(number)s need you", count, number=number)
    if name == FAILED and is_usual and is_preview:
        return ngettext("%(number)s would fail", "%(number)s would fail", count, number=number)
    label = outcome(name, is_preview=is_preview, kind=kind)
    return f"{number} {label[:1].lower()}{label[1:]}"
