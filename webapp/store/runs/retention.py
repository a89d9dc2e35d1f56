"""Clears away what the sync log has kept long enough, a little at a time."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import Session

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


def clear_some(session: Session, before: datetime, *, entries: int) -> bool:
    """Clear the oldest run that ended before a moment; of a long one so many entries at a time.

    Returns:
        Whether there may be more to clear.
    """
    run_id = session.scalar(
        select(Run.id)
        .where(Run.finished_at < before, Run.state.not_in(OPEN_STATES))
        .order_by(Run.id)
        .limit(1)
    )
    if run_id is None:
        return False
    first = session.scalar(select(func.min(LogEntry.seq)).where(LogEntry.run_id == run_id))
    if first is not None:
        are_next = and_(LogEntry.run_id == run_id, LogEntry.seq < first + entries)
        _forget_edits(session, are_next)
        session.execute(delete(LogEntry).where(are_next).execution_options(synchronize_session=False))
        return True
    for table in (Mail, PlannedAddress, PlannedObject, PlannedRecord):
        of_run = delete(table).where(table.run_id == run_id)
        session.execute(of_run.execution_options(synchronize_session=False))
    session.execute(delete(Run).where(Run.id == run_id).execution_options(synchronize_session=False))
    return True


def clear_beside_runs(session: Session, before: datetime) -> None:
    """Clear what is as old and hangs on no run: changes by the hour, and notifications."""
    are_old = Mail.run_id.is_(None), Mail.state != "waiting", Mail.created_at < before
    for statement in (delete(HourlyChange).where(HourlyChange.hour < before), delete(Mail).where(*are_old)):
        session.execute(statement.execution_options(synchronize_session=False))


def _forget_edits(session: Session, are_next: ColumnElement[bool]) -> None:
    """With the entry of its deletion a record loses the last way back, and goes with all its edits."""
    for object_type, table in TABLES.items():
        deleted = select(LogEntry.record_id).where(
            are_next, LogEntry.object_type == object_type, LogEntry.reason == DELETED_HERE
        )
        session.execute(
            delete(RecordEdit)
            .where(
                RecordEdit.object_type == object_type,
                RecordEdit.record_id.in_(deleted),
                ~exists().where(table.id == RecordEdit.record_id),
            )
            .execution_options(synchronize_session=False)
        )
