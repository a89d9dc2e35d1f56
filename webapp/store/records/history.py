"""The history of a record: edits here and what runs did, read together."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.history import Event
from webapp.domain.runs.kinds import kind_of, options_of, side_of
from webapp.models import LogEntry, RecordEdit, Run, User
from webapp.store.database.pages import Moment, Number, Page, cursor, place_of


def page(session: Session, object_type: ObjectType, record_id: int, *, after: str, limit: int) -> Page[Event]:
    """A page of what happened to a record, newest first.

    Its cursor is a moment, with how many events of that very moment have been shown.
    """
    place = place_of(after, tuple[Moment, Number])
    until, shown = place or (None, 0)
    found = events(session, object_type, record_id, until=until, limit=shown + limit + 1)[shown:]
    rows = found[:limit]
    following = ""
    if len(found) > limit:
        last = rows[-1].at
        following = cursor(last, sum(row.at == last for row in rows) + (shown if last == until else 0))
    return Page(rows, next=following, is_first=place is None)


def events(
    session: Session, object_type: ObjectType, record_id: int, *, until: datetime | None = None, limit: int
) -> list[Event]:
    """The events of a record up to a moment, newest first."""
    found = [
        *_edits(session, object_type, record_id, until, limit),
        *_entries(session, object_type, record_id, until, limit),
    ]
    return sorted(found, key=lambda event: (event.at, event.seq or 0), reverse=True)[:limit]


def _edits(
    session: Session, object_type: ObjectType, record_id: int, until: datetime | None, limit: int
) -> Iterator[Event]:
    query = (
        select(RecordEdit, User.name)
        .outerjoin(User, User.id == RecordEdit.user_id)
        .where(RecordEdit.object_type == object_type, RecordEdit.record_id == record_id)
        .order_by(RecordEdit.id.desc())
        .limit(limit)
    )
    if until is not None:
        query = query.where(RecordEdit.at <= until)
    for edit, who in session.execute(query):
        changes = tuple((name, old, new) for name, old, new in edit.changes)
        yield Event(at=edit.at, origin=edit.origin, who=who, run_id=edit.run_id, changes=changes)


def _entries(
    session: Session, object_type: ObjectType, record_id: int, until: datetime | None, limit: int
) -> Iterator[Event]:
    query = (
        select(LogEntry, Run.kind, Run.options, User.name)
        .join(Run, Run.id == LogEntry.run_id)
        .outerjoin(User, User.id == Run.started_by_id)
        .where(LogEntry.object_type == object_type, LogEntry.record_id == record_id, ~Run.is_preview)
        # Changes by a file are kept among the edits, which last longer than the log.
        .where(Run.kind != "import")
        .order_by(LogEntry.run_id.desc(), LogEntry.seq.desc())
        .limit(limit)
    )
    if until is not None:
        query = query.where(LogEntry.at <= until)
    for entry, kind, options, who in session.execute(query):
        yield Event(
            at=entry.at,
            who=who,
            run_id=entry.run_id,
            seq=entry.seq,
            kind=kind,
            side=side_of(kind_of(kind), options_of(kind, options)),
            outcome=entry.outcome,
            reason=entry.reason,
            changes=tuple((name, old, new) for name, old, new in entry.changes or ()),
        )
