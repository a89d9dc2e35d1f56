"""Runs about one record: worked ahead of bulk work, never two at once."""

from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.options import PullRecordOptions, PushOptions, PushRecordOptions, RecordOptions
from webapp.domain.runs.progress import OPEN_STATES
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.held import records as held_records
from webapp.store.runs import queries
from webapp.store.runs.runs import NewRun, Run, options_of
from webapp.usecases.connection.required import require_working
from webapp.usecases.runs.lifecycle import Started, added, requested, start_once

PUSH = "push_record"
PULL = "pull_record"


def subject_of(object_type: ObjectType, record_id: int) -> str:
    """How runs name the record that they are about."""
    return f"{object_type}/{record_id}"


def start(
    services: Services,
    options: PullRecordOptions | PushRecordOptions,
    *,
    user_id: int | None,
    trigger: str = "button",
    decision: dict[str, Any] | None = None,
    is_preview: bool = False,
) -> Started:
    """Queue a push or pull of one record; while one waits to begin, pressing again leads to that.

    One that works already may have read the record before the latest edit: another one is queued behind it.

    Args:
        services: What it works with.
        options: The record, and what is done with it; a company that is pushed takes its contacts along.
        user_id: Who requested it.
        trigger: Button or command.
        decision: A person's decision about a record that was held: its `verb`, to link also a `remote_id`.
        is_preview: Whether it only says what it would do.

    Raises:
        RefusedError: `not_connected`, `no_such_candidate`; `already_settled`, if somebody else's decision is
            being carried out; while another kind waits to begin `record_busy` or `record_preview_busy`.
    """
    with services.database.reading() as session:
        connection_id = require_working(session).id
    new = requested(
        services,
        PULL if isinstance(options, PullRecordOptions) else PUSH,
        connection_id=connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=options,
        is_preview=is_preview,
        subject=subject_of(options.object_type, options.record_id),
    )

    def pending_or_added(session: Session) -> Started:
        if decision is not None:
            _decide(session, connection_id, options, decision, user_id)
        return _pending_or_added(session, new)

    return start_once(services, pending_or_added, lambda session: _requested_meanwhile(session, new))


def _pending_or_added(session: Session, new: NewRun) -> Started:
    """The run about this record that waits to begin, if it is of the same kind; else a new one."""
    pending = queries.pending_of_subject(session, new.connection_id, str(new.subject))
    if pending is not None:
        _check_same(pending, new)
        return Started(pending.id, is_new=False)
    return added(session, new)


def _check_same(pending: Run, new: NewRun) -> None:
    """Another kind of run about the record is no answer to this one."""
    if (pending.kind, pending.is_preview) != (new.kind, new.is_preview):
        code = "record_preview_busy" if pending.is_preview else "record_busy"
        raise RefusedError(code, kind=kind_of(pending.kind).script_name)


def _requested_meanwhile(session: Session, new: NewRun) -> Started:
    pending = queries.pending_of_subject(session, new.connection_id, str(new.subject))
    latest = pending or queries.latest_of_subject(session, new.connection_id, str(new.subject))
    if latest is None:
        raise RefusedError("just_ended")
    _check_same(latest, new)
    return Started(latest.id, is_new=False)


def _decide(
    session: Session,
    connection_id: int,
    options: RecordOptions,
    decision: dict[str, Any],
    user_id: int | None,
) -> None:
    of_one = (session, connection_id, options.object_type, options.record_id)
    held = held_records.get(*of_one)
    candidates = [one["remote_id"] for one in ((held.detail or {}) if held else {}).get("candidates", [])]
    if decision.get("verb") == "link" and decision.get("remote_id") not in candidates:
        raise RefusedError("no_such_candidate")
    is_another = held is not None and held.decision not in (None, decision)
    if is_another and _is_being_carried_out(session, connection_id, options):
        raise RefusedError("already_settled")
    held_records.decide(*of_one, decision=decision, user_id=user_id)


def _is_being_carried_out(session: Session, connection_id: int, options: RecordOptions) -> bool:
    """Whether a push is open that carries out what somebody else has decided about a record."""
    subject = subject_of(options.object_type, options.record_id)
    of_it = queries.latest_of_subject(session, connection_id, subject)
    in_bulk = queries.open_run(session, connection_id, "push")
    some = options_of(in_bulk) if in_bulk is not None else None
    return (of_it is not None and of_it.state in OPEN_STATES) or (
        isinstance(some, PushOptions)
        and options.record_id in (some.records or {}).get(options.object_type, ())
    )
