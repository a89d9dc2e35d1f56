"""Reads for the guard against mass changes: number of links, changes by automatic runs, and runs that ask."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.runs.kinds import GUARDED_NAMES, Direction, kind_of
from webapp.domain.runs.outcomes import SKIPPED, UPDATED
from webapp.models import Connection, Link, LogEntry, Run
from webapp.store.runs.runs import GIVEN, REQUESTED

RecordKey = tuple[str, int]
"""An object type and a record's number."""

WAITING_FOR = "approval"
"""The wait of a run that asks, or of one behind it."""

# More runs of a kind than this are not begun in an hour.
_LATEST = 20


def count_links(session: Session, connection_id: int) -> int:
    """How many records of a connection are linked."""
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state == "linked")
    return session.scalar(query.select_from(Link)) or 0


def take_turn(session: Session, connection_id: int) -> None:
    """Lock out other checks until the commit: each would miss what the other is about to write."""
    query = select(Connection.id).where(Connection.id == connection_id)
    session.execute(query.with_for_update(key_share=True))


def asking(session: Session, connection_id: int, direction: Direction) -> Run | None:
    """The run of this direction that waits for an administrator's answer, if any."""
    query = select(Run).where(
        Run.connection_id == connection_id,
        Run.state == "running",
        Run.approval == REQUESTED,
        Run.kind.in_(GUARDED_NAMES[direction]),
    )
    return session.scalars(query.order_by(Run.id).limit(1)).first()


def waiting(session: Session, connection_id: int, direction: Direction) -> list[Run]:
    """All runs of this direction that wait for the answer: the one that asks, and those behind it."""
    query = select(Run).where(
        Run.connection_id == connection_id, Run.state == "running", Run.waiting_for == WAITING_FOR
    )
    found = session.scalars(query.order_by(Run.id).execution_options(populate_existing=True))
    return [run for run in found if kind_of(run.kind).direction == direction]


def counted_runs(session: Session, run: Run, since: datetime) -> list[Run]:
    """The run, and the guarded runs of its direction that did anything since and that nobody has allowed."""
    found = {run.id: run}
    for name in GUARDED_NAMES[kind_of(run.kind).direction]:
        query = select(Run).where(Run.connection_id == run.connection_id, Run.kind == name, ~Run.is_preview)
        latest = session.scalars(query.order_by(Run.id.desc()).limit(_LATEST))
        found |= {one.id: one for one in latest if one.touched_at >= since and one.approval != GIVEN}
    return list(found.values())


def changed_by(session: Session, runs: Sequence[Run], since: datetime) -> set[RecordKey]:
    """The records that runs have changed since or marked gone, each once however often that was."""
    is_gone = and_(LogEntry.outcome == SKIPPED, LogEntry.reason == "gone_in_hubspot")
    found: set[RecordKey] = set()
    for run in runs:
        query = select(LogEntry.object_type, LogEntry.record_id).where(
            LogEntry.run_id == run.id,
            LogEntry.seq > run.allowed_seq,
            LogEntry.at >= since,
            or_(LogEntry.outcome == UPDATED, is_gone),
        )
        found |= {(kind, number) for kind, number in session.execute(query.distinct()) if number is not None}
    return found
