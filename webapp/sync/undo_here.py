"""Undo of what a run wrote here: a page of entries in one transaction."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from webapp.domain.undo import Told, UndoPlan, plan_undo, without_missing
from webapp.store import decisions, outbox
from webapp.store import undo as store
from webapp.store.checkpoint import lock_run, write_checkpoint
from webapp.store.log import LogEntry, Run
from webapp.store.log_rows import Entry, added_up, write_entries
from webapp.store.transactions import writing
from webapp.store.undo import Records
from webapp.sync.undo_pages import PAGE_SIZE, Undoing, end_of, stretches


def undo_page(undoing: Undoing) -> None:
    """Undo the next entries, and move behind them."""
    now = datetime.now(UTC)
    piece = undoing.piece
    with writing() as session:
        run = lock_run(session, piece.run_id, piece.fence)
        entries = store.page(session, undoing.part, before_seq=undoing.position.before, limit=PAGE_SIZE)
        undoing.position = end_of(entries, undoing.position)
        counts, last_seq = dict(run.counts), run.last_seq
        for stretch in stretches(entries):
            kind = stretch.object_type
            found = store.gather(session, run, undoing.mappings[kind], stretch.entries)
            undone = [_undo_entry(run, found, entry, undoing, now) for entry in stretch.entries]
            store.settle(found, run, now)
            told = [_as_entry(one) for one in undone]
            run.last_seq = last_seq
            last_seq = write_entries(session, run, now, kind, told)
            counts = added_up(counts, kind, [entry.outcome for entry in told])
            if undoing.sends and not piece.is_preview:
                changed = [one.record_id for one in told if one.changes and one.record_id is not None]
                outbox.add(session, kind, changed, now)
        session.flush()
        write_checkpoint(session, run, undoing.checkpoint(), now, counts=counts, last_seq=last_seq)


class _Undone(NamedTuple):
    """An entry, what was planned for its record, and what has to be kept of that."""

    entry: LogEntry
    plan: UndoPlan
    kept: dict[str, Any]


def _undo_entry(run: Run, found: Records, entry: LogEntry, undoing: Undoing, now: datetime) -> _Undone:
    record_id = entry.record_id or 0
    changes = [(name, old, new) for name, old, new in entry.changes or ()]
    told = Told(entry.at, entry.outcome, changes, entry.detail or {})
    plan = plan_undo(told, found.present(record_id), only_field=undoing.only_field)
    plan = without_missing(plan, found.missing_companies)
    if plan.verb == "leave":
        return _Undone(entry, plan, {})
    if run.is_preview:
        store.foresee(found, record_id, plan)
        return _Undone(entry, plan, {})
    if entry.reason == "decided_apart" and entry.remote_id is not None:
        # Taken back with what it led to: the next pull asks again.
        decisions.forget_apart_of(found.session, run.connection_id, found.object_type, [entry.remote_id])
    return _Undone(entry, plan, store.apply(found, entry, plan, now, is_edit=undoing.sends))


def _as_entry(undone: _Undone) -> Entry:
    entry, plan, kept = undone
    return Entry(
        record_id=entry.record_id,
        remote_id=entry.remote_id,
        name=entry.name,
        outcome=plan.outcome,
        reason=plan.reason,
        changes=plan.changes or None,
        detail={**(plan.detail or {}), **kept} or None,
    )
