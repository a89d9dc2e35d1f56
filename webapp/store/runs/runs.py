"""Runs: begun, claimed, checkpointed and ended by conditional updates that say whether they took effect."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, and_, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from webapp.domain.people.actor import actor_of_run
from webapp.domain.runs import kinds
from webapp.domain.runs.hourly import Latest, hourly_step
from webapp.domain.runs.options import RunOptions, as_data
from webapp.domain.runs.retry import REFUSALS
from webapp.models import Connection, Run
from webapp.models.base import UtcDateTime
from webapp.store.notifications import endings
from webapp.store.people import audit
from webapp.store.preview import overlay as preview_plans
from webapp.store.records import edits
from webapp.store.runs import mails
from webapp.store.runs.entries import added_up

__all__ = ["Run"]

_OPEN = ("queued", "running")
REQUESTED, GIVEN = "asked", "given"
"""What the approval of a mass change may be."""


def add(
    session: Session,
    *,
    connection_id: int,
    kind: str,
    trigger: str,
    now: datetime,
    started_by_id: int | None = None,
    subject: str | None = None,
    options: RunOptions | None = None,
    is_preview: bool = False,
    request_id: str | None = None,
) -> Run:
    """Write a queued run; the partial unique indexes refuse a second waiting one of its kind or subject."""
    _check_fit(kind, options)
    run = Run(
        connection_id=connection_id,
        kind=kind,
        trigger=trigger,
        state="queued",
        is_preview=is_preview,
        subject=subject,
        options=as_data(options) if options is not None else {},
        started_by_id=started_by_id,
        created_at=now,
        touched_at=now,
        checkpoint={},
        counts={},
        totals={},
        waiting_for="queue",
        request_id=request_id or None,
        newest_edit_id=edits.newest(session),
    )
    session.add(run)
    session.flush()
    if actor := actor_of_run(trigger, started_by_id):
        audit.add(session, actor, "run_started", run_id=run.id, kind=kind, is_preview=is_preview)
    return run


def add_ended(
    session: Session,
    *,
    connection_id: int,
    kind: str,
    trigger: str,
    now: datetime,
    started_by_id: int | None,
    options: RunOptions,
) -> Run:
    """Write a run that is over with the transaction that does all of it: no worker ever sees it."""
    run = add(
        session,
        connection_id=connection_id,
        kind=kind,
        trigger=trigger,
        now=now,
        started_by_id=started_by_id,
        options=options,
    )
    run.state, run.waiting_for = "finished", None
    run.started_at = run.finished_at = now
    session.flush()
    return run


def add_to_log(run: Run, counted_as: str, ended: Sequence[str], last_seq: int) -> None:
    """Add to such a run what its entries count, and up to which number they go."""
    run.counts, run.last_seq = added_up(run.counts, counted_as, ended), last_seq


def named_counts(run: Run) -> dict[str, dict[str, int]]:
    """The counts of a run, with those of the parts of outcomes that have a name."""
    parts = run.parts or {}
    return {kind: {**counts, **parts.get(kind, {})} for kind, counts in run.counts.items()}


def options_of(run: Run) -> RunOptions:
    """The options of the run."""
    return kinds.options_of(run.kind, run.options)


def _check_fit(kind: str, options: RunOptions | None) -> None:
    fitting = kinds.kind_of(kind).options
    if options is not None and type(options) is not fitting:
        raise TypeError(f"a run of kind {kind} has {fitting.__name__}, not {type(options).__name__}")


def open_hourly(
    session: Session,
    *,
    connection_id: int,
    kind: str,
    now: datetime,
    options: RunOptions | None = None,
) -> tuple[int, int] | None:
    """Begin the hour's automatic run, or begin it again; its number and fence. None when it works already."""
    trigger = kinds.kind_of(kind).hourly_trigger
    if trigger is None:
        raise ValueError(f"no {kind} begins without a person")
    # One at a time decides, also on PostgreSQL.
    session.execute(select(Connection.id).where(Connection.id == connection_id).with_for_update())
    latest = session.scalars(
        select(Run)
        .where(Run.connection_id == connection_id, Run.kind == kind, Run.trigger == trigger)
        .order_by(Run.id.desc())
        .limit(1)
    ).first()
    step = hourly_step(Latest(latest.state, latest.created_at) if latest else None, now)
    if step == "leave":
        return None
    if step == "again" and latest is not None:
        return _begin_again(session, latest, now, options)
    run = add(session, connection_id=connection_id, kind=kind, trigger=trigger, now=now, options=options)
    begin(session, run.id, now)
    return run.id, 0


def _begin_again(
    session: Session, ended: Run, now: datetime, options: RunOptions | None
) -> tuple[int, int] | None:
    _check_fit(ended.kind, options)
    values: dict[str, Any] = {"state": "running", "finished_at": None, "touched_at": now}
    values |= {"fence": Run.fence + 1, "checkpoint": {}}
    values |= {"options": as_data(options) if options is not None else {}}
    values |= {"attempts": 0, "waiting_since": None, "error": None, "error_text": None}
    if ended.approval == GIVEN:
        # What was allowed were the changes so far, not whatever the hour still brings.
        values |= {"approval": None, "allowed_seq": Run.last_seq}
    is_open = _changed_one(session, and_(Run.id == ended.id, Run.state == ended.state), values)
    return (ended.id, ended.fence + 1) if is_open else None


def end_waits_for_mending(session: Session, connection_id: int, now: datetime) -> None:
    """Let what waits because it was refused go on now: somebody has mended the connection."""
    is_refused = and_(Run.connection_id == connection_id, Run.waiting_for.in_(REFUSALS))
    session.execute(
        update(Run)
        .where(is_refused, Run.state == "running", Run.not_before > now)
        .values(not_before=now)
        .execution_options(synchronize_session=False)
    )


def latest_bulk(session: Session, connection_id: int) -> Run | None:
    """The bulk run that was requested last and is no preview."""
    query = select(Run).where(
        Run.connection_id == connection_id, Run.kind.in_(kinds.BULK_NAMES), Run.is_preview.is_(False)
    )
    return session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def reopen(session: Session, run_id: int, now: datetime) -> bool:
    """Queue a failed run again, at its checkpoint; False when it has not failed, or goes on already."""
    values = {
        "state": "queued",
        "finished_at": None,
        "error": None,
        "error_text": None,
        "fence": Run.fence + 1,
        "attempts": 0,
        "waiting_since": None,
        "not_before": None,
        "waiting_for": "queue",
        "touched_at": now,
    }
    return _changed_one(session, and_(Run.id == run_id, Run.state == "failed"), values)


def get(session: Session, run_id: int) -> Run | None:
    """One run, read afresh."""
    return session.get(Run, run_id, populate_existing=True)


def open_run(session: Session, connection_id: int, kind: str, *, is_preview: bool = False) -> Run | None:
    """The run of this kind, or the preview of one, that works or waits, if any."""
    return session.scalars(
        select(Run)
        .where(
            Run.connection_id == connection_id,
            Run.kind == kind,
            Run.is_preview == is_preview,
            Run.state.in_(_OPEN),
        )
        .order_by(Run.id.desc())
        .limit(1)
    ).first()


def asking(session: Session, connection_id: int) -> list[Run]:
    """The automatic runs that wait for an administrator's answer: one for each direction at the most."""
    is_asking = Run.connection_id == connection_id, Run.state == "running", Run.approval == REQUESTED
    return list(session.scalars(select(Run).where(*is_asking).order_by(Run.id)))


def latest_reconcile(session: Session, connection_id: int) -> Run | None:
    """The latest look for missed changes."""
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
    query = select(Run.id).where(Run.connection_id == connection_id, Run.state.in_(_OPEN)).order_by(Run.id)
    return list(session.scalars(query))


def next_pending(session: Session) -> list[int]:
    """What may begin: where no bulk run works the one that waited longest, and what is about one record."""
    first: dict[int, int] = {}
    for run_id, connection_id in session.execute(_pending_in_bulk()):
        first.setdefault(connection_id, run_id)
    return [*session.scalars(_pending_about_one()), *first.values()]


@cache
def _pending_in_bulk() -> Select[int, int]:
    """Number and connection; built once, since every slice asks this at its end."""
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


def begin(session: Session, run_id: int, now: datetime) -> bool:
    """Queued → running. False when it is not queued any more; the index refuses a second running one."""
    return _changed_one(
        session,
        and_(Run.id == run_id, Run.state == "queued"),
        {
            "state": "running",
            # One that is continued began long ago.
            "started_at": func.coalesce(Run.started_at, literal(now, UtcDateTime())),
            "touched_at": now,
            "waiting_for": "queue",
        },
    )


def abandoned(session: Session, untouched_since: datetime, now: datetime) -> list[Run]:
    """Running runs that nobody seems to work on: untouched for a while, or their wait is over."""
    return list(
        session.scalars(
            select(Run)
            .where(
                Run.state == "running",
                or_(
                    and_(Run.not_before.is_(None), Run.touched_at < untouched_since),
                    Run.not_before <= now,
                ),
            )
            .order_by(Run.id)
        )
    )


def first_not_before(session: Session) -> datetime | None:
    """When the first of the running runs that wait may go on."""
    query = select(Run.not_before).where(Run.state == "running", Run.not_before.is_not(None))
    return session.scalars(query.order_by(Run.not_before).limit(1)).first()


def next_fence(session: Session, run_id: int, fence: int, now: datetime) -> int | None:
    """Raise a running run's fence, so that older slices can write nothing; None when another one did."""
    taken = _changed_one(
        session,
        and_(Run.id == run_id, Run.state == "running", Run.fence == fence),
        {"fence": fence + 1, "touched_at": now, "not_before": None},
    )
    return fence + 1 if taken else None


def working(session: Session, connection_id: int) -> list[Run]:
    """The runs of a connection on which a slice works, or is about to."""
    query = select(Run).where(
        Run.connection_id == connection_id, Run.state == "running", Run.not_before.is_(None)
    )
    return list(session.scalars(query.order_by(Run.id).execution_options(populate_existing=True)))


def touch(session: Session, run_id: int, fence: int, values: dict[str, Any]) -> bool:
    """Change a run as its present slice; False when the slice has been overtaken or the run ended."""
    return _changed_one(session, and_(Run.id == run_id, Run.state == "running", Run.fence == fence), values)


def end(
    session: Session, run_id: int, state: str, now: datetime, *, fence: int | None = None, **values: Any
) -> bool:
    """End an open run and fence off what still works on it; False when it had ended or `fence` is old.

    The mails about the end are written here, in the same transaction, so that no way to end can forget them.
    """
    condition = and_(Run.id == run_id, Run.state.in_(_OPEN))
    if fence is not None:
        condition = and_(condition, Run.fence == fence)
    has_ended = _changed_one(
        session,
        condition,
        {
            "state": state,
            "finished_at": now,
            "touched_at": now,
            "fence": Run.fence + 1,
            "not_before": None,
            "waiting_for": None,
            **values,
        },
    )
    if has_ended:
        _let_waiting_ask(session, run_id, now)
        mails.add_for_push(session, run_id, now)
        endings.run_ended(session, session.get_one(Run, run_id), now)
        preview_plans.forget(session, run_id)
    return has_ended


def _let_waiting_ask(session: Session, run_id: int, now: datetime) -> None:
    """Let the runs go on that waited for the answer to a question that nobody will answer any more."""
    ended = session.get_one(Run, run_id, populate_existing=True)
    if ended.approval == REQUESTED:
        session.execute(
            update(Run)
            .where(
                Run.connection_id == ended.connection_id,
                Run.state == "running",
                Run.waiting_for == "approval",
                Run.approval.is_(None),
            )
            .values(not_before=now, question=None)
            .execution_options(synchronize_session=False)
        )


def _changed_one(session: Session, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
    statement = update(Run).where(condition).values(values).execution_options(synchronize_session=False)
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
