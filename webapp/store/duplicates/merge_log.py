"""The work of a merge run so far, done or foreseen, and its announcements for HubSpot."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import LogEntry, PlannedRecord, PossibleDuplicate, Run
from webapp.store.database.lists import among
from webapp.store.preview.overlay import PlannedRow, write_records
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import Entry


def took_part(session: Session, run: Run, object_type: ObjectType, record_ids: Sequence[int]) -> bool:
    """Whether any of these records was merged by this run, or would have been in a preview."""
    table = PlannedRecord if run.is_preview else LogEntry
    conditions = [
        table.run_id == run.id,
        table.object_type == object_type,
        among(session, table.record_id, list(record_ids)),
    ]
    if not run.is_preview:
        conditions.append(LogEntry.outcome == "updated")
    return session.scalar(select(table.record_id).where(*conditions).limit(1)) is not None


def foresee(session: Session, run: Run, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """Keep which records a preview would have merged."""
    rows = [PlannedRow(number, None, "merged", {}) for number in record_ids]
    write_records(session, run.id, object_type, rows)


def announced(session: Session, connection_id: int) -> list[PossibleDuplicate]:
    """The pairs whose merge in HubSpot was announced for a connection and has no end yet."""
    query = select(PossibleDuplicate).where(PossibleDuplicate.announced.is_not(None))
    rows = session.scalars(query.order_by(PossibleDuplicate.id))
    return [row for row in rows if (row.announced or {}).get("connection_id") == connection_id]


def append(session: Session, run: Run, object_type: ObjectType, entry: Entry, now: datetime) -> None:
    """Complete the log of a run that has ended."""
    last_seq = write_entries(session, run, now, object_type, [entry])
    run.counts = added_up(run.counts, object_type, [entry.outcome])
    run.last_seq = last_seq
