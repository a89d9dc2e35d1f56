"""People deleted for privacy: their links refused, and on a yes every trace of them erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, null, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedCreate,
    AnnouncedUpdate,
    CreationCheck,
    FailingRecord,
    HeldRecord,
    InboxEvent,
    KeptApart,
    Link,
    LogEntry,
    MergedRecord,
    OutboxRecord,
    PrivacyDeletion,
    RecordEdit,
    RemoteObject,
    Run,
)
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.links import tombstones
from webapp.store.links.links import stamp
from webapp.store.records.records import TABLES
from webapp.store.runs.checkpoint import Checkpoint
from webapp.store.runs.entries import log_page
from webapp.store.runs.entry import LONGEST_NAME, Entry

__all__ = ["PrivacyDeletion"]

_ERASED_NAME = "(erased)"
_OF_RECORDS = (
    *(FailingRecord, HeldRecord, OutboxRecord, CreationCheck),
    *(AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate),
)


def refuse(
    session: Session,
    run: Run,
    object_type: ObjectType,
    remote_ids: Sequence[str],
    *,
    checkpoint: Checkpoint,
    now: datetime,
) -> None:
    """Unlink these for good, and keep them for an administrator; a repetition changes nothing."""
    table: Any = TABLES[object_type]
    query = (
        select(Link.id, Link.remote_id, table)
        .join(table, table.id == Link.record_id)
        .where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            Link.state != "refused",
            among(session, Link.remote_id, list(remote_ids)),
        )
        .order_by(Link.id)
    )
    found = session.execute(query).all()
    reason = "privacy_deleted"
    last = {"last_run_id": run.id, "last_outcome": outcomes.SKIPPED, "last_reason": reason}
    stamp(session, [link_id for link_id, _, _ in found], state="refused", **last)
    buried = tombstones.records_of(session, run.connection_id, object_type, remote_ids)
    records = buried | {remote_id: record.id for _, remote_id, record in found}
    deletions: Any = PrivacyDeletion.__table__
    columns = ("connection_id", "object_type", "remote_id", "record_id", "told_at", "is_erased")
    rows = [
        (run.connection_id, object_type, one, records.get(one), now, False) for one in sorted(set(remote_ids))
    ]
    insert_missing_rows(session, deletions, columns, rows)
    session.execute(_of_objects(session, RemoteObject, run.connection_id, object_type, remote_ids))
    entries = [
        Entry(
            *(record.id, remote_id, record_name(object_type, vars(record))[:LONGEST_NAME]),
            *(outcomes.SKIPPED, reason),
        )
        for _, remote_id, record in found
    ]
    log_page(session, run, now, object_type, entries, checkpoint=checkpoint)


def undecided(session: Session, connection_id: int) -> list[PrivacyDeletion]:
    """The deletions that wait for an administrator's decision, oldest first."""
    query = select(PrivacyDeletion).where(
        PrivacyDeletion.connection_id == connection_id, PrivacyDeletion.settled_at.is_(None)
    )
    return list(session.scalars(query.order_by(PrivacyDeletion.id)))


def get(session: Session, deletion_id: int) -> PrivacyDeletion | None:
    """One of them."""
    return session.get(PrivacyDeletion, deletion_id)


def decide_deletion(
    session: Session, deletion: PrivacyDeletion, *, user_id: int, now: datetime, erases: bool
) -> None:
    """Keep an administrator's decision, and erase the traces if it is that. The record is the firm's own."""
    if erases:
        _erase(session, deletion)
    deletion.settled_at, deletion.settled_by_id, deletion.is_erased = now, user_id, erases


def _erase(session: Session, deletion: PrivacyDeletion) -> None:
    """The values in the log, the base, what waits, and what was held: everything but the record."""
    kind, remote_id, record_id = deletion.object_type, deletion.remote_id, deletion.record_id
    is_about: ColumnElement[bool] = LogEntry.remote_id == remote_id
    if record_id is not None:
        is_about = or_(is_about, LogEntry.record_id == record_id)
    blank: dict[str, Any] = {"name": _ERASED_NAME, "changes": None, "detail": None}
    session.execute(_quiet(update(LogEntry).where(LogEntry.object_type == kind, is_about).values(blank)))
    base: dict[str, Any] = {"local_seen": {}, "remote_seen": {}}
    of_link = and_(
        Link.connection_id == deletion.connection_id, Link.object_type == kind, Link.remote_id == remote_id
    )
    session.execute(_quiet(update(Link).where(of_link).values(base)))
    for table in (RemoteObject, InboxEvent, KeptApart, FailingRecord):
        session.execute(_of_objects(session, table, deletion.connection_id, kind, [remote_id]))
    if record_id is not None:
        for other in _OF_RECORDS:
            session.execute(
                _quiet(delete(other).where(other.object_type == kind, other.record_id == record_id))
            )
        edits = RecordEdit.object_type == kind, RecordEdit.record_id == record_id
        session.execute(_quiet(update(RecordEdit).where(*edits).values(changes=[])))
        is_merged = or_(MergedRecord.winner_id == record_id, MergedRecord.loser_id == record_id)
        of_merges = update(MergedRecord).where(MergedRecord.object_type == kind, is_merged)
        session.execute(_quiet(of_merges.values(kept=null())))


def _of_objects(
    session: Session, table: Any, connection_id: int, object_type: str, remote_ids: Sequence[str]
) -> Any:
    return _quiet(
        delete(table).where(
            table.connection_id == connection_id,
            table.object_type == object_type,
            among(session, table.remote_id, list(remote_ids)),
        )
    )


def _quiet(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
