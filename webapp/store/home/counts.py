"""Counts of records in sync and of those that wait: exact while they are few, else from the last count.

A page counts up to a bound. Beyond it the schedule counts from time to time, which takes a moment of reading
an index from end to end, and pages show what was counted last with its time.
"""

from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, func, literal_column, select, text, union
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import FailingRecord, HeldRecord, InboxEvent, InSyncCount, Link, OutboxRecord, Run
from webapp.store.database.bulk import replace_rows
from webapp.store.home.standing import MOST_COUNTED

FEW_LINKS = 5_000
"""The most links that a page counts itself."""
_LATEST_RUNS = 20
_COLUMNS = ("connection_id", "object_type", "count", "counted_at")


class InSync(Struct, frozen=True):
    """How many records of a type are in sync. `counted_at` is None where they were counted just now."""

    count: int
    counted_at: datetime | None = None


def in_sync(session: Session, connection_id: int) -> dict[ObjectType, InSync]:
    """The numbers in sync, by type; empty if there are too many to count and none was counted yet."""
    if has_few(session, connection_id):
        return {kind: InSync(_count(session, connection_id, kind)) for kind in OBJECT_TYPES}
    query = select(InSyncCount).where(InSyncCount.connection_id == connection_id)
    return {row.object_type: InSync(row.count, row.counted_at) for row in session.scalars(query)}  # type: ignore[misc]


def waiting(session: Session, connection_id: int) -> dict[ObjectType, int]:
    """How many records edited here wait to be sent, by type, as far as it is counted."""
    return {
        kind: _bounded(
            session,
            select(OutboxRecord.record_id).where(
                OutboxRecord.connection_id == connection_id, OutboxRecord.object_type == kind
            ),
        )
        for kind in OBJECT_TYPES
    }


def events(session: Session, connection_id: int) -> int:
    """How many messages from HubSpot wait to be looked into, as far as it is counted."""
    return _bounded(session, select(InboxEvent.id).where(InboxEvent.connection_id == connection_id))


def has_few(session: Session, connection_id: int) -> bool:
    """Whether counting takes no noticeable time."""
    linked = select(Link.record_id).where(Link.connection_id == connection_id)
    unsent = select(OutboxRecord.record_id).where(OutboxRecord.connection_id == connection_id)
    return all(_bounded(session, query, FEW_LINKS + 1) <= FEW_LINKS for query in (linked, unsent))


def is_outdated(session: Session, connection_id: int, oldest: datetime) -> bool:
    """Whether the kept counts are missing, older than a moment, or from before the end of a run."""
    counted_at = session.scalar(
        select(func.min(InSyncCount.counted_at)).where(InSyncCount.connection_id == connection_id)
    )
    if counted_at is None or counted_at < oldest:
        return True
    latest = select(Run.touched_at).where(Run.connection_id == connection_id).order_by(Run.id.desc())
    return any(at > counted_at for at in session.scalars(latest.limit(_LATEST_RUNS)))


def keep(session: Session, connection_id: int, found: dict[ObjectType, int], now: datetime) -> None:
    """Keep what was counted."""
    rows = [(connection_id, kind, count, now) for kind, count in found.items()]
    table: Any = InSyncCount.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:2], rows)


def count(session: Session, connection_id: int) -> dict[ObjectType, int]:
    """Count all that are in sync, however many there are."""
    return {kind: _count(session, connection_id, kind) for kind in OBJECT_TYPES}


def failed_runs(session: Session, connection_id: int, since: datetime) -> int:
    """How many runs have failed since a moment, as far as it is counted."""
    failed = select(Run.finished_at).where(Run.state == "failed", Run.connection_id == connection_id)
    latest = failed.order_by(Run.id.desc()).limit(MOST_COUNTED)
    return sum(at is not None and at >= since for at in session.scalars(latest))


def _count(session: Session, connection_id: int, kind: ObjectType) -> int:
    """Links that work, less those whose record waits, is held or fails: all of it from indexes."""
    of_type = Link.connection_id == connection_id, Link.object_type == kind
    linked = session.scalar(select(func.count()).select_from(Link).where(*of_type)) or 0
    # The partial index is used only where its own condition is repeated word for word.
    broken = select(func.count()).select_from(Link).where(*of_type, text("state != 'linked'"))
    return linked - (session.scalar(broken) or 0) - _troubled(session, connection_id, kind)


def _troubled(session: Session, connection_id: int, kind: ObjectType) -> int:
    """How many records with a link that works stand on one of the lists, each once."""
    listed = union(
        *(
            select(table.record_id.label("record_id")).where(
                table.connection_id == connection_id,
                table.object_type == kind,
                table.record_id.is_not(None),
            )
            for table in (OutboxRecord, HeldRecord, FailingRecord)
        )
    ).subquery()
    is_linked = (
        select(literal_column("1"))
        .where(
            Link.connection_id == connection_id,
            Link.object_type == kind,
            Link.record_id == listed.c.record_id,
            Link.state == "linked",
        )
        .exists()
    )
    return session.scalar(select(func.count()).select_from(listed).where(is_linked)) or 0


def _bounded(session: Session, query: Select[Any], most: int = MOST_COUNTED) -> int:
    return session.scalar(select(func.count()).select_from(query.limit(most).subquery())) or 0
