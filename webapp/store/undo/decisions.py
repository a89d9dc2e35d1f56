"""Logged decisions about objects, and reopening their questions after an undo."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.pull.unlinked import AGAIN
from webapp.domain.runs.outcomes import CREATED, UPDATED
from webapp.models import LogEntry, RemoteObject, Run

# A decision is usually taken back soon.
_LATEST_RUNS = 20


def latest_entry(session: Session, connection_id: int, object_type: str, remote_id: str) -> LogEntry | None:
    """The entry of the latest decision about an object that has written something."""
    runs = (
        select(Run.id)
        .where(Run.connection_id == connection_id, Run.kind == "decisions")
        .order_by(Run.id.desc())
        .limit(_LATEST_RUNS)
    )
    query = select(LogEntry).where(
        LogEntry.run_id.in_(runs),
        LogEntry.object_type == object_type,
        LogEntry.remote_id == remote_id,
        LogEntry.outcome.in_((CREATED, UPDATED)),
        LogEntry.record_id.is_not(None),
    )
    return session.scalars(query.order_by(LogEntry.run_id.desc(), LogEntry.seq.desc()).limit(1)).first()


def ask_again(session: Session, connection_id: int, undo_id: int) -> list[int]:
    """Reopen the questions about the objects of an undo's entries; returns their numbers."""
    logged = select(LogEntry.object_type, LogEntry.remote_id).where(LogEntry.run_id == undo_id).subquery()
    statement = (
        update(RemoteObject)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == logged.c.object_type,
            RemoteObject.remote_id == logged.c.remote_id,
        )
        .values(decision={"verb": AGAIN, "record_id": None})
        .returning(RemoteObject.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(statement))
