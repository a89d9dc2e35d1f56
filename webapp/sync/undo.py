"""Undo: what a run wrote here is put back, entry by entry, the last one first."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs, to_builtins
from sqlalchemy.orm import Session

from webapp.domain import outcomes
from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.domain.mapping import Mapping
from webapp.domain.undo import Told, UndoPlan, plan_undo
from webapp.errors import RefusedError
from webapp.hubspot.client import HubSpotClient
from webapp.store import mappings, runs
from webapp.store import undo as store
from webapp.store.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.log import LogEntry, Run
from webapp.store.log_rows import Entry, added_up, write_entries
from webapp.store.transactions import reading, writing
from webapp.store.undo import Part, Records
from webapp.sync import runs as life
from webapp.sync.publish import records_changed, run_changed
from webapp.sync.runs import Started
from webapp.sync.slices import Slice

UNDO = "undo"
_PAGE_SIZE = 100
_SENDING = ("push", "push_record", "auto_push")
_OVER = ("finished", "cancelled", "failed")


class Position(Struct, kw_only=True):
    """Where an undo goes on: the number of the entry done last, and whether there is nothing before it."""

    before: int | None = None
    is_end: bool = False


def refusal(run: Run) -> str | None:
    """Why a run cannot be undone; None when it can."""
    if run.is_preview:
        return "A preview has written nothing, so there is nothing to undo."
    if run.state not in _OVER:
        return "The run is not over yet. Cancel it, or wait for its end."
    if run.kind in _SENDING:
        return "What a push wrote in HubSpot cannot be put back yet."
    return None


def start(
    run_id: int,
    *,
    trigger: str,
    user_id: int | None,
    is_preview: bool,
    object_type: ObjectType | None = None,
    record_id: int | None = None,
    only_field: str | None = None,
) -> Started:
    """Queue the undo of a run, of one record in it, or of one field of that.

    Args:
        run_id: The run to undo.
        trigger: Button or command.
        user_id: Who asked for it.
        is_preview: Whether it only says what it would do.
        object_type: With `record_id` the record alone.
        record_id: Its number.
        only_field: Of that record the field alone.

    Raises:
        RefusedError: `no_undo`, where the run cannot be undone; and what starting a run raises.
    """
    with reading() as session:
        run = runs.get(session, run_id)
    if run is None:
        raise RefusedError("no_undo", f"There is no run {run_id}. Its log may have been cleared away.")
    if (words := refusal(run)) is not None:
        raise RefusedError("no_undo", words)
    options: dict[str, Any] = {"run_id": run_id}
    if record_id is not None:
        options |= {"object_type": object_type, "record_id": record_id}
    if only_field is not None:
        options["field"] = only_field
    return life.start(
        UNDO,
        connection_id=run.connection_id,
        trigger=trigger,
        started_by_id=user_id,
        options=options,
        is_preview=is_preview,
    )


def work(piece: Slice, _: HubSpotClient) -> bool:
    """Undo until the slice's time is up. True when every entry has been gone through."""
    part = Part(piece.options["run_id"], piece.options.get("object_type"), piece.options.get("record_id"))
    position = Position(**piece.checkpoint) if piece.checkpoint else _begin(piece, part)
    with reading() as session:
        known = {kind: mappings.load(session, piece.connection_id, kind) for kind in OBJECT_TYPES}
    while not position.is_end:
        position = _undo_page(piece, part, position, known)
        run_changed(piece.run_id)
        if piece.is_over():
            break
    if position.is_end and not piece.is_preview:
        records_changed()
    return position.is_end


def _begin(piece: Slice, part: Part) -> Position:
    position = Position()
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        totals = {"records": store.count(session, part)}
        write_checkpoint(session, run, _checkpoint(piece, position), datetime.now(UTC), totals=totals)
    return position


def _undo_page(piece: Slice, part: Part, position: Position, known: dict[ObjectType, Mapping]) -> Position:
    """Undo the next entries in one transaction; where the undo stands behind them."""
    now = datetime.now(UTC)
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        entries = store.page(session, part, before_seq=position.before, limit=_PAGE_SIZE)
        behind = Position(
            before=entries[-1].seq if entries else position.before, is_end=len(entries) < _PAGE_SIZE
        )
        counts, last_seq = dict(run.counts), run.last_seq
        # Contacts come before the companies that they belong to, as they were written after them.
        for kind, some in _by_type(entries):
            found = store.gather(session, run, known[kind], [entry.record_id or 0 for entry in some])
            told = [_undo_entry(run, found, entry, piece.options.get("field"), now) for entry in some]
            run.last_seq = last_seq
            last_seq = write_entries(session, run, now, kind, told)
            counts = added_up(counts, kind, [entry.outcome for entry in told])
        session.flush()
        write_checkpoint(session, run, _checkpoint(piece, behind), now, counts=counts, last_seq=last_seq)
    return behind


def _by_type(entries: Sequence[LogEntry]) -> list[tuple[ObjectType, list[LogEntry]]]:
    """The entries in stretches of one object type each, in order."""
    stretches: list[tuple[ObjectType, list[LogEntry]]] = []
    for entry in entries:
        kind: ObjectType = "companies" if entry.object_type == "companies" else "contacts"
        if not stretches or stretches[-1][0] != kind:
            stretches.append((kind, []))
        stretches[-1][1].append(entry)
    return stretches


def _undo_entry(run: Run, found: Records, entry: LogEntry, only_field: str | None, now: datetime) -> Entry:
    record_id = entry.record_id or 0
    changes = [(name, old, new) for name, old, new in entry.changes or ()]
    told = Told(entry.at, entry.outcome, changes, entry.detail or {})
    plan = plan_undo(told, found.present(record_id), only_field=only_field)
    plan = _less_missing_companies(found.session, plan)
    kept: dict[str, Any] = {}
    if plan.verb != "leave" and run.is_preview:
        store.foresee(found, run, record_id, plan)
    elif plan.verb != "leave":
        kept = store.apply(found, record_id, plan, told.detail, now)
    return Entry(
        record_id=record_id,
        remote_id=entry.remote_id,
        name=entry.name,
        outcome=plan.outcome,
        reason=plan.reason,
        changes=plan.changes or None,
        detail={**(plan.detail or {}), **kept} or None,
    )


def _less_missing_companies(session: Session, plan: UndoPlan) -> UndoPlan:
    """A contact cannot go back to a company that is not here any more."""
    missing = store.missing_companies(session, [plan])
    if not missing:
        return plan
    left = {"field": "company_id", "reason": "undo_not_here", "value": None}
    fields = [*((plan.detail or {}).get("fields") or ()), left]
    return structs.replace(
        plan,
        changes=[change for change in plan.changes if change[0] != "company_id"],
        reason="undone_in_part" if plan.outcome == outcomes.UPDATED else plan.reason,
        detail={**(plan.detail or {}), "fields": fields},
    )


def _checkpoint(piece: Slice, position: Position) -> Checkpoint:
    as_data: dict[str, Any] = to_builtins(position)
    return Checkpoint(as_data, piece.take_usage())
