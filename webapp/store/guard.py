"""What the guard against mass changes asks: how much there is, and how much an automatic run has changed."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from webapp.domain.outcomes import SKIPPED, UPDATED
from webapp.models import Link, LogEntry, Run


def count_links(session: Session, connection_id: int) -> int:
    """How many records of a connection are linked."""
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state == "linked")
    return session.scalar(query.select_from(Link)) or 0


def changed_by(session: Session, run: Run) -> int:
    """How many records a run has changed so far, with those that it marked gone."""
    updated = sum(outcomes.get(UPDATED, 0) for outcomes in run.counts.values())
    gone = select(func.count()).where(
        LogEntry.run_id == run.id,
        LogEntry.outcome == SKIPPED,
        LogEntry.reason == "gone_in_hubspot",
        # The index of the rare outcomes is partial; a query has to repeat its condition to use it.
        text("outcome NOT IN ('created', 'updated')"),
    )
    marked: int = session.scalar(gone.select_from(LogEntry)) or 0
    return int(updated) + marked
