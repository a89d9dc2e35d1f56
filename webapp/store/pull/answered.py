"""Questions that a run has asked about records and answered itself further on, as its log tells."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.models import LogEntry
from webapp.store.database.lists import among
from webapp.store.runs.log import IS_NOTABLE


class Held(Struct, frozen=True):
    """Held objects of a run, from one log entry on.

    Attributes:
        last_seq: the last entry that was looked at; None where there was none.
        answered: by object, the entry of each that asks about a record that was written after it; also of one
            that many records look like, of which the object may be another one now that some are linked.
    """

    last_seq: int | None = None
    answered: dict[str, int] = {}


def held_after(session: Session, run_id: int, object_type: ObjectType, after: int, limit: int) -> Held:
    """The next held objects of a run behind a log entry.

    Args:
        session: A reading transaction.
        run_id: Whose log it is.
        object_type: Companies or contacts.
        after: The entry.
        limit: How many are looked at.
    """
    query = select(LogEntry.seq, LogEntry.remote_id, LogEntry.detail).where(
        LogEntry.run_id == run_id,
        LogEntry.outcome == outcomes.HELD,
        IS_NOTABLE,
        LogEntry.seq > after,
    )
    entries = session.execute(
        query.where(LogEntry.object_type == object_type).order_by(LogEntry.seq).limit(limit)
    ).all()
    if not entries:
        return Held()
    of_entry = {entry.seq: [one["record_id"] for one in _candidates(entry.detail)] for entry in entries}
    written = _written(
        session, run_id, object_type, {number for some in of_entry.values() for number in some}
    )
    crowded = {entry.seq for entry in entries if (entry.detail or {}).get("crowded")}
    last_match = _last_match(session, run_id, object_type) if crowded else 0
    answered = {
        entry.remote_id: entry.seq
        for entry in entries
        if entry.remote_id
        and (
            any(written.get(number, 0) > entry.seq for number in of_entry[entry.seq])
            or (entry.seq in crowded and last_match > entry.seq)
        )
    }
    return Held(entries[-1].seq, answered)


def _candidates(detail: dict[str, Any] | None) -> list[dict[str, Any]]:
    candidates: list[dict[str, Any]] = (detail or {}).get("candidates", [])
    return candidates


def _last_match(session: Session, run_id: int, object_type: ObjectType) -> int:
    """The last entry of a run that links a record to the object that it is."""
    query = select(LogEntry.seq).where(
        LogEntry.run_id == run_id,
        LogEntry.object_type == object_type,
        LogEntry.outcome == outcomes.UPDATED,
        LogEntry.reason == "matched",
    )
    return session.scalars(query.order_by(LogEntry.seq.desc()).limit(1)).first() or 0


def _written(
    session: Session, run_id: int, object_type: ObjectType, record_ids: Iterable[int]
) -> dict[int, int]:
    """By record, the last entry of a run about it."""
    query = (
        select(LogEntry.record_id, func.max(LogEntry.seq))
        .where(
            LogEntry.object_type == object_type,
            among(session, LogEntry.record_id, sorted(record_ids)),
            LogEntry.run_id == run_id,
        )
        .group_by(LogEntry.record_id)
    )
    return {record_id: seq for record_id, seq in session.execute(query) if record_id is not None}
