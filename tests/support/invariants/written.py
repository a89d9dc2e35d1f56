"""What the logs of runs tell to have been written, and what people typed here, value by value."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from tests.support.invariants.world import FIELDS, PROPERTIES
from webapp.domain.records.fields import ObjectType
from webapp.models import LogEntry, RecordEdit, Run


class Place(NamedTuple):
    """A value: `what` is a field, `company`, or `exists`, which is `yes` or nothing."""

    side: str
    kind: str
    number: str
    what: str


class Written(NamedTuple):
    """One write, or one that a log tells."""

    place: Place
    old: str | None
    new: str | None


Entries = Sequence[tuple[Run, LogEntry]]
"""Log entries, each with its run."""

YES = "yes"
"""The value of what exists."""

JOINED = "joined_meanwhile"
"""The reason of an entry that tells of an object of ours that went, since another one stays."""

_REMOVED = ("undone_removed", "undone_archived", "deleted_here")
_MERGED = ("merged_duplicate", "merged_both")
_CHANGING = ("change", "delete", "delete_record", "merge_duplicates")
# Runs that write in HubSpot; an undo writes where the run wrote that it undoes.
_OUTGOING = ("push", "push_record", "auto_push")


def written_by(entries: Entries) -> list[Written]:
    """What log entries say was written."""
    joins = {(run.id, entry.at): entry for run, entry in entries if entry.reason == JOINED}
    return [
        one
        for run, entry in entries
        # The log of the push has the contacts that moved along with the company from before the push.
        if run.kind != "check" and not (entry.reason == "associated" and (run.id, entry.at) in joins)
        for one in _written_in(run, entry)
    ]


def lives_on(entries: Entries) -> dict[str, str]:
    """The objects that went since another one stays, ours or those that were merged, and those others."""
    joined = {
        str((entry.detail or {})["archived"]): str(entry.remote_id)
        for run, entry in entries
        if entry.reason == JOINED and run.kind != "check"
    }
    return joined | {
        there[one]: there["survivor"] for there in _merges_there(entries) for one in ("primary", "other")
    }


def _merges_there(entries: Entries) -> Iterator[dict[str, str]]:
    yield from (entry.detail["there"] for _, entry in entries if entry.detail and "there" in entry.detail)


def _written_in(run: Run, entry: LogEntry) -> list[Written]:
    kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
    side = _side_of(run)
    number = str(entry.remote_id if side == "there" else entry.record_id)
    exists = Place(side, kind, number, "exists")
    if entry.reason == JOINED:
        return [Written(exists._replace(number=str((entry.detail or {})["archived"])), YES, None)]
    # A pull that leaves alone what was deleted here gives the same reason, and removes nothing.
    if entry.outcome not in ("created", "updated"):
        return []
    if entry.reason in _REMOVED:
        return [Written(exists, YES, None)]
    values = [
        Written(exists._replace(what=what), old, new) for what, old, new in _changes_of(entry) if old != new
    ]
    if entry.reason in _MERGED:
        return [*values, *_merged(kind, entry.detail or {})]
    if entry.reason == "taken_apart":
        return [*values, Written(exists._replace(number=str((entry.detail or {})["back"])), None, YES)]
    return [Written(exists, None, YES), *values] if entry.outcome == "created" else values


def _merged(kind: ObjectType, detail: dict[str, Any]) -> list[Written]:
    """The record that went; and of objects that both went, and the one in their place with its values."""
    gone = [Written(Place("here", kind, str(detail["merged"]), "exists"), YES, None)]
    if (there := detail.get("there")) is None:
        return gone
    survivor = Place("there", kind, there["survivor"], "exists")
    held = [detail["before"][there[one]] for one in ("primary", "other")]
    gone += [Written(survivor._replace(number=there[one]), YES, None) for one in ("primary", "other")]
    kept = {
        what: next((one[name] for one in held if one.get(name)), None) for what, name in PROPERTIES.items()
    }
    values = [Written(survivor._replace(what=what), None, text) for what, text in kept.items() if text]
    return [*gone, Written(survivor, None, YES), *values]


def _side_of(run: Run) -> str:
    if run.kind == "undo":
        return "there" if run.options.get("side") == "there" else "here"
    return "there" if run.kind in _OUTGOING else "here"


def _changes_of(entry: LogEntry) -> list[tuple[str, str | None, str | None]]:
    named = {"company_id": "company", "primary_company": "company", **{name: name for name in FIELDS}}
    return [
        (named[field], _text(old), _text(new)) for field, old, new in entry.changes or [] if field in named
    ]


def edited_here(edits: Sequence[RecordEdit], known: Collection[Place]) -> list[Written]:
    """What stands in the records' own histories: typed by people, moved along, or imported by a command.

    Args:
        edits: Edits that stand in no run's log.
        known: The places that there were before: an import tells of others that they exist now.
    """
    found = []
    for edit in edits:
        exists = Place("here", edit.object_type, str(edit.record_id), "exists")
        if edit.origin == "csv" and exists not in known:
            found.append(Written(exists, None, YES))
        found += [
            Written(exists._replace(what=_NAMES.get(field, field)), _text(old), _text(new))
            for field, old, new in edit.changes
            if field in (*FIELDS, *_NAMES)
        ]
    return found


def is_in_log(edit: RecordEdit, entries: Entries) -> bool:
    """Whether an edit is told by the log of a run as well: of an import, a merge, an undo, a bulk change."""
    logged = [
        (run, entry)
        for run, entry in entries
        if (entry.object_type, entry.record_id) == (edit.object_type, edit.record_id)
    ]
    if edit.run_id is not None:
        return any(run.id == edit.run_id for run, _ in logged)
    return any(run.kind in _CHANGING and entry.changes == edit.changes for run, entry in logged)


_NAMES = {"company_id": "company"}


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
