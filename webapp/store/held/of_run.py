"""What a run has left to people, as far as nobody has decided it yet."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.models import HeldRecord, LogEntry, RemoteObject, Run
from webapp.store.database.lists import among
from webapp.store.held.objects import HELD_STATES
from webapp.store.runs.log import held_entries

MOST_LOOKED_AT = 5_000
"""A run that left more to people is not asked how many of them are still open."""


def count_open(session: Session, run: Run) -> int:
    """How many of the records that a run left to people still wait for a decision."""
    return session.scalar(select(func.count()).select_from(_open(session, run).subquery())) or 0


def open_among(session: Session, run: Run, seqs: Collection[int]) -> set[int]:
    """Which of these entries of a run, by number, are about records that still wait for a decision."""
    if not seqs:
        return set()
    return set(session.scalars(_open(session, run).where(among(session, LogEntry.seq, sorted(seqs)))))


def _open(session: Session, run: Run) -> Select[int]:
    """The held entries of a run whose object or record waits; an association waits with its contact."""
    query = held_entries(session, run.id).with_only_columns(LogEntry.seq)
    return query.where(LogEntry.is_association.is_(False), or_(_object_waits(run), _record_waits(run)))


def _object_waits(run: Run) -> ColumnElement[bool]:
    return exists().where(
        RemoteObject.connection_id == run.connection_id,
        RemoteObject.object_type == LogEntry.object_type,
        RemoteObject.remote_id == LogEntry.remote_id,
        RemoteObject.state.in_(HELD_STATES),
        RemoteObject.decision.is_(None),
    )


def _record_waits(run: Run) -> ColumnElement[bool]:
    return exists().where(
        HeldRecord.connection_id == run.connection_id,
        HeldRecord.object_type == LogEntry.object_type,
        HeldRecord.record_id == LogEntry.record_id,
        HeldRecord.decision.is_(None),
    )
