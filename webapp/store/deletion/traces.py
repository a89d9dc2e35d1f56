"""The log's entry about a record that somebody has deleted here."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.outcomes import UPDATED
from webapp.models import LogEntry, Run, User


class Trace(Struct, frozen=True):
    """One deletion: its run, time and person, and the record's name.

    `has_others` says whether the run deleted or moved other records as well.
    """

    run_id: int
    seq: int
    name: str
    at: datetime
    who: str | None
    has_others: bool


def of_record(session: Session, object_type: ObjectType, record_id: int) -> Trace | None:
    """The latest deletion of a record, as long as the log has it."""
    query = (
        select(LogEntry, Run.last_seq, User.name)
        .join(Run, Run.id == LogEntry.run_id)
        .outerjoin(User, User.id == Run.started_by_id)
        .where(
            LogEntry.object_type == object_type,
            LogEntry.record_id == record_id,
            LogEntry.reason == DELETED_HERE,
            LogEntry.outcome == UPDATED,
            ~Run.is_preview,
        )
        .order_by(LogEntry.run_id.desc(), LogEntry.seq.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    entry, last_seq, who = row
    return Trace(entry.run_id, entry.seq, entry.name, entry.at, who, has_others=last_seq > 1)
