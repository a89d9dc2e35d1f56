"""What both sides show to have been written, compared with the logs: each write stands in one log, once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from tests.chaos.bed import Bed
from tests.support import pulling
from tests.support.laws import Picture
from tests.support.services import reading
from tests.support.world import FIELDS, Thing
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    LogEntry,
    Mail,
    RecordEdit,
    Run,
)

Written = Counter[tuple[Any, ...]]
"""How often something was written, or logged as written: side, object type, id, and what."""

# Runs that write in HubSpot; an undo writes where the run wrote that it undoes.
_OUTGOING = ("push", "push_record", "auto_push")


def check(before: Picture, after: Picture, bed: Bed, first_run_id: int) -> None:
    """Check the logs of the runs since a moment, and that nothing is left that waits or was only announced.

    Raises:
        AssertionError: something written stands in no log or in two, or something is left.
    """
    entries = entries_since(first_run_id)
    shown, logged = _shown(before, after), _logged(entries) + _edited_by_people(bed.began_at)
    assert shown == logged, (
        f"in no log: {list(shown - logged)}; only in a log, or twice: {list(logged - shown)}"
    )
    _check_counts(entries)
    _check_nothing_left()
    _check_mails(bed)


def entries_since(first_run_id: int) -> list[tuple[Run, LogEntry]]:
    """The log entries of the runs from this one on, each with its run."""
    runs = {run.id: run for run in pulling.all_rows(Run) if run.id >= first_run_id}
    with reading() as session:
        found = session.scalars(
            select(LogEntry).where(LogEntry.run_id.in_(runs)).order_by(LogEntry.run_id, LogEntry.seq)
        )
        return [(runs[entry.run_id], entry) for entry in found]


def _shown(before: Picture, after: Picture) -> Written:
    """What became of either side between two pictures."""
    written: Written = Counter()
    for side, was, now in (("here", before.here, after.here), ("there", before.there, after.there)):
        for kind in OBJECT_TYPES:
            old, new = ({one.id: one for one in some[kind]} for some in (was, now))
            written.update((side, kind, number, "created") for number in new.keys() - old.keys())
            if side == "there":
                # The company is a write of its own: made with the contact, or set afterwards.
                made = [new[number] for number in new.keys() - old.keys() if new[number].company]
                written.update((side, kind, one.id, "company", None, one.company) for one in made)
            written.update((side, kind, number, "deleted") for number in old.keys() - new.keys())
            for number in old.keys() & new.keys():
                written.update((side, kind, number, *change) for change in _changes(old[number], new[number]))
    return written


def _changes(old: Thing, new: Thing) -> list[tuple[str, str | None, str | None]]:
    values = [
        (name, old.values[name], new.values[name]) for name in FIELDS if old.values[name] != new.values[name]
    ]
    return [*values, *([("company", old.company, new.company)] if old.company != new.company else [])]


def _logged(entries: list[tuple[Run, LogEntry]]) -> Written:
    """What the logs say was written, in the same terms."""
    written: Written = Counter()
    for run, entry in entries:
        kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
        side = _side_of(run)
        number = entry.remote_id if side == "there" else str(entry.record_id)
        if entry.outcome == "created":
            written[side, kind, number, "created"] += 1
            inside = [one for one in _changes_of(entry) if side == "there" and one[0] == "company"]
            written.update((side, kind, number, *change) for change in inside)
        elif entry.reason in _REMOVED:
            written[side, kind, number, "deleted"] += 1
        elif entry.outcome == "updated":
            written.update((side, kind, number, *change) for change in _changes_of(entry))
    return written


def _edited_by_people(since: datetime) -> Written:
    """What people changed here, which stands in the record's own history."""
    written: Written = Counter()
    for edit in pulling.all_rows(RecordEdit):
        if edit.origin == "person" and edit.at >= since:
            for field, old, new in edit.changes:
                written["here", edit.object_type, str(edit.record_id), field, _text(old), _text(new)] += 1
    return written


_REMOVED = ("undone_removed", "undone_archived")


def _side_of(run: Run) -> str:
    if run.kind == "undo":
        return "there" if run.options.get("side") == "there" else "here"
    return "there" if run.kind in _OUTGOING else "here"


def _changes_of(entry: LogEntry) -> list[tuple[str, Any, Any]]:
    named = {"company_id": "company", "primary_company": "company", **{name: name for name in FIELDS}}
    return [
        (named[field], _text(old), _text(new))
        for field, old, new in entry.changes or []
        if field in named and _text(old) != _text(new)
    ]


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)


def _check_counts(entries: list[tuple[Run, LogEntry]]) -> None:
    """What a run counts as created and updated is what its log has."""
    logged = Counter(
        (run.id, entry.object_type, entry.outcome) for run, entry in entries if not _is_pair(entry)
    )
    for run in {run.id: run for run, _ in entries}.values():
        for kind in OBJECT_TYPES:
            for outcome in ("created", "updated"):
                counted = run.counts.get(kind, {}).get(outcome, 0)
                assert counted == logged[run.id, kind, outcome], (
                    run.kind,
                    kind,
                    outcome,
                    counted,
                    dict(logged),
                )


def _is_pair(entry: LogEntry) -> bool:
    """Whether an entry is of an association, which a run counts apart from its contact."""
    return entry.reason in ("associated", "association_refused", "association_unreadable")


def _check_nothing_left() -> None:
    with reading() as session:
        for table in (AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate):
            left = session.scalar(select(func.count()).select_from(table))
            assert not left, f"{left} rows left in {table.__tablename__}"


def _check_mails(bed: Bed) -> None:
    """Each mail was taken under one Message-ID; after a kill it may be uncertain whether it was."""
    mails = [mail for mail in pulling.all_rows(Mail) if mail.id > bed.last_mail_id]
    states = [mail.state for mail in mails]
    assert set(states) <= {"sent", "uncertain"}, [(mail.state, mail.error_text) for mail in mails]
    taken = {message["Message-ID"] for message in bed.mailbox.messages}
    assert states.count("sent") <= len(taken) <= len(mails), f"{states} under {len(taken)} Message-IDs"
