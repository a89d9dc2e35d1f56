"""Runs: begun, claimed, checkpointed and ended by conditional updates that say whether they took effect."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, func, literal, update
from sqlalchemy.orm import Session

from webapp.domain.people.actor import actor_of_run
from webapp.domain.runs import kinds
from webapp.domain.runs.options import RunOptions, as_data
from webapp.domain.runs.progress import OPEN_STATES
from webapp.domain.runs.retry import REFUSALS
from webapp.models import Run
from webapp.models.base import UtcDateTime
from webapp.store.database.one_row import changed_one
from webapp.store.held import undecided
from webapp.store.notifications import endings, mails
from webapp.store.people import audit
from webapp.store.preview import overlay as preview_plans
from webapp.store.records import edits
from webapp.store.runs.entries import added_up

__all__ = ["Run"]

REQUESTED, GIVEN = "asked", "given"
"""What the approval of a mass change may be."""


class NewRun(Struct, frozen=True, kw_only=True):
    """A run that is requested.

    Attributes:
        connection_id: on which connection.
        kind: a name in `webapp.domain.runs.kinds.KINDS`.
        trigger: what brings it about: a button, a command, the schedule, an event or an edit.
        started_by_id: the person who requested it, if any.
        request_id: the id of their request in the log.
        options: the options of its kind; None for all that it does.
        is_preview: whether it only says what it would do.
        subject: the record that it is about, of a kind that is about one.
    """

    connection_id: int
    kind: str
    trigger: str
    started_by_id: int | None = None
    request_id: str | None = None
    options: RunOptions | None = None
    is_preview: bool = False
    subject: str | None = None


def add(session: Session, new: NewRun, now: datetime) -> Run:
    """Write a queued run; the partial unique indexes refuse a second waiting one of its kind or subject."""
    check_fit(new.kind, new.options)
    run = Run(
        connection_id=new.connection_id,
        kind=new.kind,
        trigger=new.trigger,
        state="queued",
        is_preview=new.is_preview,
        subject=new.subject,
        options=as_data(new.options) if new.options is not None else {},
        started_by_id=new.started_by_id,
        created_at=now,
        touched_at=now,
        checkpoint={},
        counts={},
        totals={},
        waiting_for="queue",
        request_id=new.request_id or None,
        newest_edit_id=edits.newest(session),
    )
    session.add(run)
    session.flush()
    if actor := actor_of_run(new.trigger, new.started_by_id):
        audit.add(session, actor, "run_started", run_id=run.id, kind=new.kind, is_preview=new.is_preview)
    return run


def add_begun(session: Session, new: NewRun, now: datetime) -> int:
    """Write a run that begins without waiting for its turn; its number."""
    run = add(session, new, now)
    begin(session, run.id, now)
    return run.id


def add_ended(session: Session, new: NewRun, now: datetime) -> Run:
    """Write a run that is over with the transaction that does all of it: no worker ever sees it."""
    run = add(session, new, now)
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
    """The options of the run, for whoever shows it; as usual where this version cannot read them."""
    return kinds.options_of(run.kind, run.options)


def is_readable(run: Run) -> bool:
    """Whether this version knows the run's kind, and can read its options: else it must not act by them."""
    return kinds.can_read(run.kind, run.options)


def check_fit(kind: str, options: RunOptions | None) -> None:
    """Refuse options that another kind of run has."""
    fitting = kinds.kind_of(kind).options
    if options is not None and type(options) is not fitting:
        raise TypeError(f"a run of kind {kind} has {fitting.__name__}, not {type(options).__name__}")


def get(session: Session, run_id: int) -> Run | None:
    """One run, read afresh."""
    return session.get(Run, run_id, populate_existing=True)


def begin(session: Session, run_id: int, now: datetime) -> bool:
    """Queued → running. False when it is not queued any more; the index refuses a second running one."""
    return changed_one(
        session,
        Run,
        and_(Run.id == run_id, Run.state == "queued"),
        {
            "state": "running",
            # One that is continued began long ago.
            "started_at": func.coalesce(Run.started_at, literal(now, UtcDateTime())),
            "touched_at": now,
            "waiting_for": "queue",
        },
    )


def next_fence(session: Session, run_id: int, fence: int, now: datetime) -> int | None:
    """Raise a running run's fence, so that older slices can write nothing; None when another one did."""
    taken = changed_one(
        session,
        Run,
        and_(Run.id == run_id, Run.state == "running", Run.fence == fence),
        {"fence": fence + 1, "touched_at": now, "not_before": None},
    )
    return fence + 1 if taken else None


def touch(session: Session, run_id: int, fence: int, values: dict[str, Any]) -> bool:
    """Change a run as its present slice; False when the slice has been overtaken or the run ended."""
    return changed_one(
        session, Run, and_(Run.id == run_id, Run.state == "running", Run.fence == fence), values
    )


def end(
    session: Session, run_id: int, state: str, now: datetime, *, fence: int | None = None, **values: Any
) -> bool:
    """End an open run and fence off what still works on it; False when it had ended or `fence` is old.

    The mails about the end are written here, in the same transaction, so that no way to end can forget them.
    """
    condition = and_(Run.id == run_id, Run.state.in_(OPEN_STATES))
    if fence is not None:
        condition = and_(condition, Run.fence == fence)
    has_ended = changed_one(
        session,
        Run,
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
        ended = session.get_one(Run, run_id)
        if ended.kind == "pull":
            undecided.hold(session, ended, now)
        mails.add_for_push(session, run_id, now)
        endings.run_ended(session, ended, now)
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
    is_reopened = changed_one(session, Run, and_(Run.id == run_id, Run.state == "failed"), values)
    if is_reopened:
        mails.take_back(session, run_id)
    return is_reopened


def end_waits(session: Session, run_ids: Sequence[int], now: datetime) -> None:
    """Let these runs go on now, as far as they wait still."""
    is_waiting = and_(Run.id.in_(run_ids), Run.state == "running", Run.not_before > now)
    session.execute(
        update(Run).where(is_waiting).values(not_before=now).execution_options(synchronize_session=False)
    )


def end_waits_for_mending(session: Session, connection_id: int, now: datetime) -> None:
    """Let what waits because it was refused go on now: somebody has mended the connection."""
    is_refused = and_(Run.connection_id == connection_id, Run.waiting_for.in_(REFUSALS))
    session.execute(
        update(Run)
        .where(is_refused, Run.state == "running", Run.not_before > now)
        .values(not_before=now)
        .execution_options(synchronize_session=False)
    )
