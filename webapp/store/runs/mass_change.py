"""What the guard against mass changes asks: how much there is, and what an automatic run has changed."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.runs.outcomes import SKIPPED, UPDATED
from webapp.models import Link, LogEntry, Run

RecordKey = tuple[str, int]
"""An object type and a record's number."""


def count_links(session: Session, connection_id: int) -> int:
    """How many records of a connection are linked."""
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state == "linked")
    return session.scalar(query.select_from(Link)) or 0


def changed_by(session: Session, run: Run) -> set[RecordKey]:
    """The records that a run has changed so far or marked gone, each once however often that was."""
    is_gone = and_(LogEntry.outcome == SKIPPED, LogEntry.reason == "gone_in_hubspot")
    query = (
        select(LogEntry.object_type, LogEntry.record_id)
        .where(LogEntry.run_id == run.id, or_(LogEntry.outcome == UPDATED, is_gone))
        .distinct()
    )
    return {(kind, number) for kind, number in session.execute(query) if number is not None}
