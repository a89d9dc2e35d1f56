"""The entries of a run's log that an undo goes through."""

from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.models import LogEntry


class Part(Struct, frozen=True):
    """Which entries of a run are to be reverted: all, or those of one record."""

    run_id: int
    object_type: ObjectType | None = None
    record_id: int | None = None


def count(session: Session, part: Part) -> int:
    """How many entries there are to undo."""
    return session.scalar(_entries(part).with_only_columns(func.count()).order_by(None)) or 0


def page(session: Session, part: Part, *, before_seq: int | None, limit: int) -> list[LogEntry]:
    """The next entries to undo: the last one first."""
    query = _entries(part)
    if before_seq is not None:
        query = query.where(LogEntry.seq < before_seq)
    return list(session.scalars(query.limit(limit)))


def _entries(part: Part) -> Any:
    query = (
        select(LogEntry)
        .where(
            LogEntry.run_id == part.run_id,
            LogEntry.outcome.in_((outcomes.CREATED, outcomes.UPDATED)),
            LogEntry.record_id.is_not(None),
        )
        .order_by(LogEntry.seq.desc())
    )
    if part.record_id is not None:
        query = query.where(LogEntry.object_type == part.object_type, LogEntry.record_id == part.record_id)
    return query
