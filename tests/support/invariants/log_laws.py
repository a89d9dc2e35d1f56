"""What must hold of the logs of runs, whatever happened before and on the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tests.support.invariants.laws import Picture
from tests.support.invariants.world import Thing
from tests.support.usecases import pulling
from webapp.domain.links.base import COMPANY
from webapp.domain.push.associations import PRIMARY
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.models import LogEntry, RecordEdit, Run

Entries = Sequence[tuple[Run, LogEntry]]
"""Log entries, each with its run."""


def nothing_failed(entries: Entries, after: Picture, *, but: Collection[str] = ()) -> None:
    """No record ended as failed, and none waits for a person; what is gone is associated with nothing.

    Args:
        entries: The log entries.
        after: Both sides behind them.
        but: Reasons that are expected.
    """
    alive = {(kind, one.id) for kind in OBJECT_TYPES for one in after.there[kind]}
    gone = {
        (kind, int(record_id))
        for kind in OBJECT_TYPES
        for record_id, (remote_id, _) in after.links[kind].items()
        if (kind, remote_id) not in alive
    }
    wrong = [
        (run.kind, entry.object_type, entry.record_id, entry.outcome, entry.reason, entry.detail)
        for run, entry in entries
        if entry.outcome in ("held", "failed")
        and entry.reason not in but
        and not (entry.reason == "association_refused" and gone & _ends_of(entry))
    ]
    assert not wrong, wrong


def _ends_of(entry: LogEntry) -> set[tuple[str, int]]:
    """The contact and the company of an association."""
    return {("contacts", entry.record_id or 0), ("companies", (entry.detail or {})["company_id"])}


def only_edited_sent(entries: Entries, changed: Collection[tuple[str, int, str]]) -> None:
    """An automatic push has sent of contacts only what people typed here.

    Args:
        entries: The log entries.
        changed: What was changed here without a form: object type, record and field.
    """
    edited = {*changed} | {
        (edit.object_type, edit.record_id, field)
        for edit in pulling.all_rows(RecordEdit)
        for field, _old, _new in edit.changes
    }
    for run, entry in entries:
        if run.kind == "auto_push" and entry.outcome == "updated" and entry.object_type == "contacts":
            sent = {COMPANY if field == PRIMARY else field for field, _old, _new in entry.changes or ()}
            others = [one for one in sent if (entry.object_type, entry.record_id, one) not in edited]
            assert not others, f"{entry.object_type} {entry.record_id}: {others} sent, and not edited here"


def nothing_written_back(before: Picture, after: Picture, entries: Entries) -> None:
    """A push wrote nothing that the pull between it and the first picture had brought."""
    values = {
        (kind, int(one.id)): {**one.values, PRIMARY: _company_there(after, one)}
        for kind in OBJECT_TYPES
        for one in before.here[kind]
    }
    for _run, entry in entries:
        if entry.outcome in ("created", "updated"):
            own: dict[str, Any] = values[entry.object_type, entry.record_id or 0]  # type: ignore[index]
            brought = [one for one in entry.changes or () if one[0] in own and own[one[0]] != one[2]]
            assert not brought, f"{entry.object_type} {entry.record_id}: {brought}, here before: {own}"


def _company_there(after: Picture, contact: Thing) -> str | None:
    """The object of the company that a contact had here."""
    remote_id, _state = after.links["companies"].get(contact.company or "", (None, ""))
    return remote_id
