"""Undo of what a run wrote here: a page of entries in one transaction."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from webapp.domain.runs import outcomes
from webapp.domain.undo.apart import AGAIN, APART, plan_pair
from webapp.domain.undo.local import LoggedEntry, UndoPlan, plan_taking_apart, plan_undo, without_missing
from webapp.errors import RefusedError
from webapp.store.duplicates import pairs
from webapp.store.held import decisions
from webapp.store.links import generations
from webapp.store.push import outbox
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import Entry
from webapp.store.runs.log import LogEntry, Run
from webapp.store.undo import entries as undo_entries
from webapp.store.undo import local as undo_local
from webapp.store.undo import records as undo_records
from webapp.store.undo.records import Records
from webapp.usecases.records.unmerging import take_apart_in
from webapp.usecases.undo.entries import Undoing, end_of, entry_batches

# What is asked around a page costs the same for many entries; others who write wait for one page.
PAGE_SIZE = 500


def undo_page(undoing: Undoing) -> None:
    """Undo the next entries, and move behind them."""
    now = datetime.now(UTC)
    lease = undoing.lease
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        if undoing.writes:
            # Before any link is locked, as in all that writes to HubSpot.
            generations.raise_generation(session, lease.connection_id)
        entries = undo_entries.page(
            session, undoing.part, before_seq=undoing.position.before, limit=PAGE_SIZE
        )
        undoing.position = end_of(entries, undoing.position, page_size=PAGE_SIZE)
        counts, last_seq = dict(run.counts), run.last_seq
        for batch in entry_batches(entries):
            kind = batch.object_type
            found = undo_records.gather(session, run, undoing.mappings[kind], batch.entries)
            reverted = [_undo_entry(run, found, entry, undoing, now) for entry in batch.entries]
            undo_local.write(found, run, now)
            written = [_as_entry(one) for one in reverted]
            last_seq = write_entries(session, run, now, kind, written, after_seq=last_seq)
            counts = added_up(counts, kind, [entry.outcome for entry in written])
            if undoing.options.sends and undoing.writes:
                changed = [one.record_id for one in written if one.changes and one.record_id is not None]
                outbox.add(session, kind, changed, now)
        write_checkpoint(session, run, undoing.checkpoint(), now, counts=counts, last_seq=last_seq)


class _Reverted(NamedTuple):
    """An entry, what was planned for its record, and what has to be kept of that."""

    entry: LogEntry
    plan: UndoPlan
    kept: dict[str, Any]


def _undo_entry(run: Run, found: Records, entry: LogEntry, undoing: Undoing, now: datetime) -> _Reverted:
    record_id = entry.record_id or 0
    changes = [(name, old, new) for name, old, new in entry.changes or ()]
    logged = LoggedEntry(entry.at, entry.outcome, changes, entry.detail or {})
    if "merged" in logged.detail and undoing.options.field is None:
        return _take_apart(run, found, entry, logged, undoing)
    if (APART in logged.detail or AGAIN in logged.detail) and undoing.options.field is None:
        return _ask_again(run, found, entry, undoing, now)
    plan = plan_undo(logged, found.present(record_id), only_field=undoing.options.field)
    plan = without_missing(plan, found.missing_companies)
    if plan.verb == "leave":
        return _Reverted(entry, plan, {})
    if not undoing.writes:
        undo_local.foresee(found, record_id, plan)
        return _Reverted(entry, plan, {})
    if entry.reason == "decided_apart" and entry.remote_id is not None:
        # Taken back with what it led to: the next pull asks again.
        decisions.forget_apart_of(found.session, run.connection_id, found.object_type, [entry.remote_id])
    return _Reverted(entry, plan, undo_local.apply(found, entry, plan, now, is_edit=undoing.options.sends))


def _take_apart(
    run: Run, found: Records, entry: LogEntry, logged: LoggedEntry, undoing: Undoing
) -> _Reverted:
    """Bring back the record that a merge made go."""
    plan = plan_taking_apart(logged, found.present(entry.record_id or 0))
    if plan.verb == "leave":
        return _Reverted(entry, plan, {})
    if not undoing.writes:
        undo_local.foresee(found, entry.record_id or 0, plan)
        return _Reverted(entry, plan, {})
    loser_id, sends = logged.detail["merged"], undoing.options.sends
    try:
        done = take_apart_in(
            found.session,
            found.object_type,
            loser_id,
            user_id=run.started_by_id,
            run_id=run.id,
            is_edit=sends,
        )
    except RefusedError:
        gone = UndoPlan(verb="leave", outcome=outcomes.SKIPPED, reason="undo_merge_gone")
        return _Reverted(entry, gone, {})
    if sends:
        now = datetime.now(UTC)
        outbox.add(found.session, found.object_type, [done.winner_id, loser_id], now)
        outbox.add(found.session, "contacts", done.contacts, now)
    return _Reverted(entry, plan, {"back": loser_id})


def _ask_again(run: Run, found: Records, entry: LogEntry, undoing: Undoing, now: datetime) -> _Reverted:
    """Ask again about two records that a run kept apart, or keep them apart if an undo had asked again."""
    detail, record_id = entry.detail or {}, entry.record_id or 0
    was_kept_apart = APART in detail
    other = detail[APART if was_kept_apart else AGAIN]
    row = pairs.between(found.session, found.object_type, record_id, other)
    plan = plan_pair(was_kept_apart=was_kept_apart, state=row.state if row is not None else None)
    if plan.verb == "leave":
        return _Reverted(entry, plan, {})
    ids = [(min(record_id, other), max(record_id, other))]
    if undoing.writes and was_kept_apart:
        pairs.reopen(found.session, found.object_type, ids)
    elif undoing.writes:
        pairs.keep_apart(found.session, found.object_type, ids, user_id=run.started_by_id, now=now)
    kept: dict[str, Any] = {name: detail[name] for name in ("resembles", "evidence") if name in detail}
    return _Reverted(entry, plan, kept | {AGAIN if was_kept_apart else APART: other})


def _as_entry(reverted: _Reverted) -> Entry:
    entry, plan, kept = reverted
    return Entry(
        record_id=entry.record_id,
        remote_id=entry.remote_id,
        name=entry.name,
        outcome=plan.outcome,
        reason=plan.reason,
        changes=plan.changes or None,
        detail={**(plan.detail or {}), **kept} or None,
    )
