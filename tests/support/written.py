"""What the logs of runs tell to have been written, and what people typed here, value by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.support.world import FIELDS
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


YES = "yes"
"""The value of what exists."""

JOINED = "joined_meanwhile"
"""The reason of an entry that tells of an object of ours that went, since another one stays."""

_REMOVED = ("undone_removed", "undone_archived")
# Runs that write in HubSpot; an undo writes where the run wrote that it undoes.
_OUTGOING = ("push", "push_record", "auto_push")


def written_by(entries: Sequence[tuple[Run, LogEntry]]) -> list[Written]:
    """What log entries say was written."""
    joins = {(run.id, entry.at): entry for run, entry in entries if entry.reason == JOINED}
    return [
        one
        for run, entry in entries
        # The log of the push has the contacts that moved along with the company from before the push.
        if run.kind != "check" and not (entry.reason == "associated" and (run.id, entry.at) in joins)
        for one in _written_in(run, entry)
    ]


def joined(entries: Sequence[tuple[Run, LogEntry]]) -> dict[str, str]:
    """The objects of ours that went since another one stays, and those others."""
    return {
        str((entry.detail or {})["archived"]): str(entry.remote_id)
        for run, entry in entries
        if entry.reason == JOINED and run.kind != "check"
    }


def _written_in(run: Run, entry: LogEntry) -> list[Written]:
    kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
    side = _side_of(run)
    number = str(entry.remote_id if side == "there" else entry.record_id)
    exists = Place(side, kind, number, "exists")
    if entry.reason == JOINED:
        return [Written(exists._replace(number=str((entry.detail or {})["archived"])), YES, None)]
    if entry.reason in _REMOVED:
        return [Written(exists, YES, None)]
    if entry.outcome not in ("created", "updated"):
        return []
    values = [
        Written(exists._replace(what=what), old, new) for what, old, new in _changes_of(entry) if old != new
    ]
    return [Written(exists, None, YES), *values] if entry.outcome == "created" else values


def _side_of(run: Run) -> str:
    if run.kind == "undo":
        return "there" if run.options.get("side") == "there" else "here"
    return "there" if run.kind in _OUTGOING else "here"


def _changes_of(entry: LogEntry) -> list[tuple[str, str | None, str | None]]:
    named = {"company_id": "company", "primary_company": "company", **{name: name for name in FIELDS}}
    return [
        (named[field], _text(old), _text(new)) for field, old, new in entry.changes or [] if field in named
    ]


def typed_here(edits: Sequence[RecordEdit]) -> list[Written]:
    """What people changed here, which stands in the record's own history."""
    return [
        Written(
            Place("here", edit.object_type, str(edit.record_id), _NAMES.get(field, field)),
            _text(old),
            _text(new),
        )
        for edit in edits
        if edit.origin == "person"
        for field, old, new in edit.changes
        if field in (*FIELDS, *_NAMES)
    ]


_NAMES = {"company_id": "company"}


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
