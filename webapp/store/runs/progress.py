"""The progress of a run: figures for people, and how far it is; two equal answers mean no progress."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import pushed_types
from webapp.domain.runs.progress import Progress, progress
from webapp.models import Connection, InboxEvent, OutboxRecord, RemoteObject, Run
from webapp.store.push import outbox


class Reached(Struct, frozen=True):
    """How far a run is.

    Attributes:
        checkpoint, counts, last_seq: of the run itself.
        work: what is due for a run of its kind: how much, and which; None where nothing is, or where the kind
            has no such table.
    """

    checkpoint: dict[str, Any]
    counts: dict[str, Any]
    last_seq: int
    work: tuple[int, str] | None

    def has_same_work(self, other: "Reached") -> bool:
        """Whether something is due, and the same did at the other moment."""
        return self.work is not None and self.work == other.work


def figures_of(run: Run, now: datetime) -> Progress:
    """The figures of a run at a moment."""
    return progress(
        state=run.state,
        counts=run.counts,
        totals=run.totals,
        started_at=run.started_at,
        finished_at=run.finished_at,
        now=now,
        is_waiting=bool(run.waiting_for),
    )


def reached(session: Session, run: Run) -> Reached:
    """How far a run is now."""
    return Reached(dict(run.checkpoint), dict(run.counts), run.last_seq, _work(session, run))


def _work(session: Session, run: Run) -> tuple[int, str] | None:
    due = _DUE.get(run.kind)
    if due is None:
        return None
    number, *which = session.execute(due(session, run.connection_id)).one()
    return (number, str(which)) if number else None


def _events(_: Session, connection_id: int) -> Select[int, int | None, int | None]:
    is_due = or_(InboxEvent.not_before.is_(None), InboxEvent.not_before <= datetime.now(UTC))
    query = select(func.count(), func.max(InboxEvent.id), func.min(InboxEvent.id))
    return query.where(InboxEvent.connection_id == connection_id, is_due)


def _edits(session: Session, connection_id: int) -> Select[int, str | None, str | None]:
    connection = session.get_one(Connection, connection_id)
    query = select(func.count(), func.max(OutboxRecord.version), func.min(OutboxRecord.version))
    return query.where(
        OutboxRecord.connection_id == connection_id,
        OutboxRecord.object_type.in_(pushed_types(connection.automatic)),
        outbox.is_due(datetime.now(UTC)),
    )


def _decisions(_: Session, connection_id: int) -> Select[int, int | None, int | None]:
    query = select(func.count(), func.max(RemoteObject.id), func.min(RemoteObject.id))
    return query.where(RemoteObject.connection_id == connection_id, RemoteObject.decision.is_not(None))


_DUE: dict[str, Callable[[Session, int], Select[Any, Any, Any]]] = {
    "refresh": _events,
    "auto_push": _edits,
    "decisions": _decisions,
}
