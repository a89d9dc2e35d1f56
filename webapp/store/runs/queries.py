"""Queries for runs: the latest of a kind, those that work or wait, and the next to begin."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.runs import kinds
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Run
from webapp.store.runs.runs import REQUESTED

CLOCKS_DIFFER = timedelta(minutes=1)
"""By more the clocks of two machines that are well do not differ."""


def latest_bulk(session: Session, connection_id: int) -> Run | None:
    """The latest bulk run that is no preview."""
    query = select(Run).where(
        Run.connection_id == connection_id, Run.kind.in_(kinds.BULK_NAMES), Run.is_preview.is_(False)
    )
    return session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def open_run(session: Session, connection_id: int, kind: str, *, is_preview: bool = False) -> Run | None:
    """The run of this kind, or the preview of one, that works or waits, if any."""
    return session.scalars(
        select(Run)
        .where(
            Run.connection_id == connection_id,
            Run.kind == kind,
            Run.is_preview == is_preview,
            Run.state.in_(OPEN_STATES),
        )
        .order_by(Run.id.desc())
        .limit(1)
    ).first()


def asking(session: Session, connection_id: int) -> list[Run]:
    """The automatic runs that wait for an administrator's answer: at most one for each direction."""
    is_asking = Run.connection_id == connection_id, Run.state == "running", Run.approval == REQUESTED
    return list(session.scalars(select(Run).where(*is_asking).order_by(Run.id)))


def latest_reconcile(session: Session, connection_id: int) -> Run | None:
    """The latest reconcile."""
    query = select(Run).where(Run.connection_id == connection_id, Run.kind == "reconcile")
    return session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def pending_of_subject(session: Session, connection_id: int, subject: str) -> Run | None:
    """The run about this record that has not begun, if any."""
    return session.scalars(
        select(Run).where(Run.connection_id == connection_id, Run.subject == subject, Run.state == "queued")
    ).first()


def latest_of_subject(session: Session, connection_id: int, subject: str) -> Run | None:
    """The latest run about this record that was no preview."""
    return session.scalars(
        select(Run)
        .where(Run.connection_id == connection_id, Run.subject == subject, ~Run.is_preview)
        .order_by(Run.id.desc())
        .limit(1)
    ).first()


def open_ids(session: Session, connection_id: int) -> list[int]:
    """The numbers of all runs of a connection that work or wait."""
    query = (
        select(Run.id).where(Run.connection_id == connection_id, Run.state.in_(OPEN_STATES)).order_by(Run.id)
    )
    return list(session.scalars(query))


def next_pending(session: Session) -> list[int]:
    """The runs that may begin: of each free connection the oldest bulk run, and runs about one record."""
    first: dict[int, int] = {}
    for run_id, connection_id in session.execute(_pending_in_bulk()):
        first.setdefault(connection_id, run_id)
    return [*session.scalars(_pending_about_one()), *first.values()]


@cache
def _pending_in_bulk() -> Select[int, int]:
    """Number and connection of each; the statement is built once, since every slice sends it at its end."""
    busy = select(Run.connection_id).where(Run.state == "running", Run.kind.in_(kinds.BULK_NAMES))
    is_next = and_(Run.state == "queued", Run.kind.in_(kinds.BULK_NAMES), Run.connection_id.not_in(busy))
    return select(Run.id, Run.connection_id).where(is_next).order_by(Run.id)


@cache
def _pending_about_one() -> Select[int]:
    busy = aliased(Run)
    is_held_up = exists().where(
        busy.connection_id == Run.connection_id, busy.subject == Run.subject, busy.state == "running"
    )
    query = select(Run.id).where(Run.state == "queued", Run.subject.is_not(None), ~is_held_up)
    return query.order_by(Run.id)


def abandoned(session: Session, untouched_since: datetime, now: datetime) -> list[Run]:
    """Running runs that no worker seems to work on: untouched for a while, or past their wait.

    One that was touched in the future, by a clock that was wrong then or is now, is not kept waiting for it.
    """
    return list(
        session.scalars(
            select(Run)
            .where(
                Run.state == "running",
                or_(
                    and_(
                        Run.not_before.is_(None),
                        or_(Run.touched_at < untouched_since, Run.touched_at > now + CLOCKS_DIFFER),
                    ),
                    Run.not_before <= now,
                ),
            )
            .order_by(Run.id)
        )
    )


def waiting_for_redis(session: Session, since: datetime, now: datetime) -> list[int]:
    """The running runs that have waited for Redis since this moment at least, and wait longer."""
    is_waiting = and_(Run.state == "running", Run.waiting_for == "redis", Run.not_before > now)
    return list(session.scalars(select(Run.id).where(is_waiting, Run.touched_at <= since)))


def first_not_before(session: Session) -> datetime | None:
    """When the first of the running runs that wait may go on."""
    query = select(Run.not_before).where(Run.state == "running", Run.not_before.is_not(None))
    return session.scalars(query.order_by(Run.not_before).limit(1)).first()


def working(session: Session, connection_id: int | None = None) -> list[Run]:
    """The runs of a connection, or of all, on which a slice works or is about to."""
    query = select(Run).where(Run.state == "running", Run.not_before.is_(None))
    if connection_id is not None:
        query = query.where(Run.connection_id == connection_id)
    return list(session.scalars(query.order_by(Run.id).execution_options(populate_existing=True)))


def hold_open(session: Session) -> None:
    """Wait for what slices are writing, and let none write or begin until the commit."""
    are_open = select(Run.id).where(Run.state.in_(OPEN_STATES))
    session.execute(are_open.order_by(Run.id).with_for_update())
