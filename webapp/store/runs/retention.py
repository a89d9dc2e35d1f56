"""Clears away what the sync log has kept long enough, a little at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Delete

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import (
    HourlyChange,
    LogEntry,
    Mail,
    PlannedAddress,
    PlannedObject,
    PlannedRecord,
    RecordEdit,
    Run,
)
from webapp.store.records.records import TABLES

_OF_RUNS = (Mail, PlannedAddress, PlannedObject, PlannedRecord)
_MOST_RUNS = 200


def clear_some(session: Session, before: datetime, *, entries: int) -> bool:
    """Clear the oldest runs that ended before a moment; of a long run a part.

    Args:
        session: Where.
        before: The moment.
        entries: About how many entries go.

    Returns:
        Whether there may be more to clear.
    """
    query = select(Run.id, Run.last_seq).where(Run.finished_at < before, Run.state.not_in(OPEN_STATES))
    oldest = [(row.id, row.last_seq) for row in session.execute(query.order_by(Run.id).limit(_MOST_RUNS))]
    if not oldest:
        return False
    if short := list(_together(oldest, entries)):
        _clear_entries(session, LogEntry.run_id.in_(short))
        _clear_runs(session, short)
    else:
        _clear_part(session, oldest[0][0], entries)
    return True


def clear_beside_runs(session: Session, before: datetime) -> None:
    """Clear what is as old and hangs on no run: changes by the hour, and notifications."""
    are_old = Mail.run_id.is_(None), Mail.state != "waiting", Mail.created_at < before
    _execute(session, delete(HourlyChange).where(HourlyChange.hour < before))
    _execute(session, delete(Mail).where(*are_old))


def _together(oldest: Sequence[tuple[int, int]], entries: int) -> Iterator[int]:
    """The first runs that have no more entries together: most are about one record."""
    total = 0
    for run_id, last_seq in oldest:
        total += last_seq
        if total > entries:
            return
        yield run_id


def _clear_part(session: Session, run_id: int, entries: int) -> None:
    """Clear the first entries of a long run; the run itself once it has none."""
    first = session.scalar(select(func.min(LogEntry.seq)).where(LogEntry.run_id == run_id))
    if first is None:
        _clear_runs(session, [run_id])
    else:
        _clear_entries(session, and_(LogEntry.run_id == run_id, LogEntry.seq < first + entries))


def _clear_entries(session: Session, are_next: ColumnElement[bool]) -> None:
    _forget_edits(session, are_next)
    _execute(session, delete(LogEntry).where(are_next))


def _clear_runs(session: Session, run_ids: Sequence[int]) -> None:
    for table in _OF_RUNS:
        _execute(session, delete(table).where(table.run_id.in_(run_ids)))
    _execute(session, delete(Run).where(Run.id.in_(run_ids)))


def _forget_edits(session: Session, are_next: ColumnElement[bool]) -> None:
    """With the entry of its deletion a record loses the last way back, and goes with all its edits."""
    for object_type, table in TABLES.items():
        deleted = select(LogEntry.record_id).where(
            are_next, LogEntry.object_type == object_type, LogEntry.reason == DELETED_HERE
        )
        is_of_them = RecordEdit.object_type == object_type, RecordEdit.record_id.in_(deleted)
        is_gone = ~exists().where(table.id == RecordEdit.record_id)
        _execute(session, delete(RecordEdit).where(*is_of_them, is_gone))


def _execute(session: Session, statement: Delete) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
