"""Texts of badges: the outcome of a record in a run, and how a record stands with HubSpot."""

from collections.abc import Mapping

from webapp.domain.links.state import IN_SYNC, STOPPED
from webapp.domain.runs.endings import ARCHIVED, DEACTIVATED, DELETED, REMOVED
from webapp.domain.runs.outcomes import CREATED, FAILED, HELD, SKIPPED, UNCHANGED, UPDATED

OUTCOMES: dict[str, str] = {
    CREATED: "Created",
    UPDATED: "Updated",
    UNCHANGED: "Unchanged",
    SKIPPED: "Skipped",
    HELD: "Held",
    FAILED: "Failed",
}

FORESEEN: dict[str, str] = {
    CREATED: "To create",
    UPDATED: "To update",
    UNCHANGED: "Unchanged",
    SKIPPED: "To skip",
    HELD: "To hold",
    FAILED: "Would fail",
}
"""The same in a preview, which has done nothing."""

_OF_KIND: dict[str, dict[str, tuple[str, str]]] = {
    "undo": {
        CREATED: ("Brought back", "To bring back"),
        UPDATED: ("Put back", "To put back"),
        REMOVED: ("Removed", "To remove"),
        DEACTIVATED: ("Deactivated", "To deactivate"),
        ARCHIVED: ("Archived", "To archive"),
        SKIPPED: ("Left alone", "To leave alone"),
    },
    "delete": {DELETED: ("Deleted", "To delete"), SKIPPED: ("Left alone", "To leave alone")},
    "merge_duplicates": {UPDATED: ("Merged", "To merge"), SKIPPED: ("Left alone", "To leave alone")},
    "find_duplicates": {HELD: ("Found", "To find"), UNCHANGED: ("Compared", "To compare")},
}
_OF_KIND["delete_record"] = _OF_KIND["delete"]
"""What kinds of runs call their endings: done, and in a preview."""


ENDINGS: dict[str, str] = {
    CREATED: "A new record was made here, or a new object in HubSpot.",
    UPDATED: "Fields were changed, or it was linked.",
    UNCHANGED: "Both sides agreed already. It is counted, and not listed.",
    SKIPPED: "It was left as it is on purpose; the reason says why.",
    HELD: "It waits for a person, since anything else would be a guess.",
    FAILED: "It went wrong; the others went on, and it can be tried again.",
}
"""What each outcome means."""

SYNC_STATES: dict[str, str] = {
    IN_SYNC: "In sync",
    "pending": "To be sent",
    "unlinked": "Only here",
    "excluded": "Excluded",
    "held": "Needs you",
    "failing": "Failing",
    STOPPED: "Sync stopped",
    "gone": "Gone in HubSpot",
    "refused": "Deleted for privacy",
    # Of an object in HubSpot that is linked to nothing here:
    "arriving": "Comes with the next pull",
    "left_out": "Not imported",
    "absent": "Not in HubSpot",
}
"""How a record stands."""


def outcome(name: str, *, is_preview: bool = False, kind: str = "") -> str:
    """An outcome, or an ending of a kind of run, as people read it; in a preview, as what would be."""
    own = _OF_KIND.get(kind, {}).get(name)
    if own is not None:
        return own[1] if is_preview else own[0]
    return (FORESEEN if is_preview else OUTCOMES).get(name, name)


def counted(counts: Mapping[str, int], *, is_preview: bool = False) -> str:
    """How many records ended how, as far as it occurred: `3 created, 1 held`."""
    labels = FORESEEN if is_preview else OUTCOMES
    return ", ".join(f"{counts[name]:,} {text.lower()}" for name, text in labels.items() if counts.get(name))
