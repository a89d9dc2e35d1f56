"""Runs about one record: worked ahead of bulk work, never two at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.options import PullRecordOptions, PushRecordOptions, RecordOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.held import records as held_records
from webapp.store.runs import queries
from webapp.store.runs.runs import NewRun, Run
from webapp.usecases.connection.required import require_working
from webapp.usecases.runs.lifecycle import Started, added, requested, start_once

PUSH = "push_record"
PULL = "pull_record"


def subject_of(object_type: ObjectType, record_id: int) -> str:
    """How runs name the record that they are about."""
    return f"{object_type}/{record_id}"


def start(
    services: Services,
    object_type: ObjectType,
    record_id: int,
    user_id: int | None,
    *,
    kind: str = PUSH,
    trigger: str = "button",
    decision: dict[str, Any] | None = None,
    keeps_edits: bool = False,
    is_preview: bool = False,
    preview_id: int | None = None,
    clears: Sequence[str] = (),
) -> Started:
    """Queue a push or pull of one record; while one waits to begin, pressing again leads to that.

    One that works already may have read the record before the latest edit: another one is queued behind it.

    Args:
        services: what it works with.
        object_type: companies or contacts.
        record_id: the record; a company that is pushed takes its contacts along.
        user_id: who requested it.
        kind: `PUSH` or `PULL`.
        trigger: `button` or `command`.
        decision: a person's decision about a record that was held.
        keeps_edits: of a pull, whether the later edit wins where both sides changed a field, as in automatic
            sync; else HubSpot's values are taken, since a person requested them.
        is_preview: whether it only says what it would do.
        preview_id: the preview that has shown it, if any.
        clears: of a push, fields that are blank here and are to be cleared in HubSpot too.

    Raises:
        RefusedError: `not_connected`, `no_such_candidate`; while another kind waits to begin `record_busy` or
            `record_preview_busy`.
    """
    options = _options(kind, object_type, record_id, preview_id, keeps_edits=keeps_edits, clears=clears)
    with services.database.reading() as session:
        connection_id = require_working(session).id
    new = requested(
        services,
        kind,
        connection_id=connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=options,
        is_preview=is_preview,
        subject=subject_of(object_type, record_id),
    )

    def pending_or_added(session: Session) -> Started:
        if decision is not None:
            _decide(session, connection_id, object_type, record_id, decision=decision, user_id=user_id)
        return _pending_or_added(session, new)

    return start_once(services, pending_or_added, lambda session: _requested_meanwhile(session, new))


def _options(
    kind: str,
    object_type: ObjectType,
    record_id: int,
    preview_id: int | None,
    *,
    keeps_edits: bool,
    clears: Sequence[str],
) -> RecordOptions:
    record: dict[str, Any] = {"object_type": object_type, "record_id": record_id, "preview_id": preview_id}
    if kind == PULL:
        return PullRecordOptions(keeps_edits=keeps_edits, **record)
    return PushRecordOptions(clears=tuple(clears), **record)


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
    object_type: ObjectType,
    record_id: int,
    *,
    decision: dict[str, Any],
    user_id: int | None,
) -> None:
    held = held_records.get(session, connection_id, object_type, record_id)
    candidates = [one["remote_id"] for one in ((held.detail or {}) if held else {}).get("candidates", [])]
    if decision.get("verb") == "link" and decision.get("remote_id") not in candidates:
        raise RefusedError("no_such_candidate")
    held_records.decide(session, connection_id, object_type, record_id, decision=decision, user_id=user_id)
