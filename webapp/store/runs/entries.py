"""Writes the log entries of a run and adds up what it counts, in the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.domain.runs import endings, outcomes
from webapp.domain.runs.changes import CHANGED
from webapp.models import LogEntry, Run
from webapp.store.database.bulk import insert_rows
from webapp.store.database.lists import among
from webapp.store.runs import changes
from webapp.store.runs.checkpoint import Checkpoint, write_checkpoint
from webapp.store.runs.entry import Entry
from webapp.store.runs.failures import record_failures

_COLUMNS = (
    *("run_id", "seq", "at", "object_type", "record_id", "remote_id", "name", "outcome", "reason"),
    *("changes", "detail"),
)
_OF_ASSOCIATIONS = (*_COLUMNS, "is_association")


def write_entries(
    session: Session,
    run: Run,
    now: datetime,
    object_type: str,
    entries: Iterable[Entry],
    *,
    after_seq: int | None = None,
    is_association: bool = False,
) -> int:
    """Write every entry that is not plainly unchanged; returns the last number given.

    Failures are kept, to be tried again; earlier failures of all others are deleted. Changes are
    added to the changes of the hour.

    Args:
        session: A writing transaction.
        run: Whose log it is, locked.
        now: The time of the entries.
        object_type: What they are about.
        entries: In order.
        after_seq: The number after which they come, where it is not the run's last one.
        is_association: Whether they are about the companies of contacts, which a run counts apart.
    """
    last_seq = run.last_seq if after_seq is None else after_seq
    ended = list(entries)
    record_failures(session, run, now, object_type, ended)
    logged = [entry for entry in ended if entry.outcome != outcomes.UNCHANGED]
    rows = [(run.id, seq, now, object_type, *entry) for seq, entry in enumerate(logged, start=last_seq + 1)]
    table: Any = LogEntry.__table__
    _count_parts(run, object_type, logged)
    if is_association:
        insert_rows(session, table, _OF_ASSOCIATIONS, [(*row, True) for row in rows])
    else:
        insert_rows(session, table, _COLUMNS, rows)
    changes.add(session, run, now, sum(entry.outcome in CHANGED for entry in logged))
    return last_seq + len(logged)


def log_page(
    session: Session,
    run: Run,
    now: datetime,
    object_type: str,
    entries: Sequence[Entry],
    *,
    checkpoint: Checkpoint,
) -> None:
    """Log how the records of a page ended, count them, and move the run on behind them."""
    last_seq = write_entries(session, run, now, object_type, entries)
    counts = added_up(run.counts, object_type, [entry.outcome for entry in entries])
    write_checkpoint(session, run, checkpoint, now, counts=counts, last_seq=last_seq)


def take_back(session: Session, run_id: int, object_type: str, outcome: str, seqs: Sequence[int]) -> None:
    """Delete entries of a run, and count them no longer: what they are about has ended in another way.

    Args:
        session: The transaction that logs how it has ended.
        run_id: Whose log it is; the run is locked.
        object_type: What the entries are about.
        outcome: How they had ended.
        seqs: The entries.
    """
    statement = delete(LogEntry).where(LogEntry.run_id == run_id, among(session, LogEntry.seq, seqs))
    reasons = session.scalars(
        statement.returning(LogEntry.reason).execution_options(synchronize_session=False)
    ).all()
    named = [part for reason in reasons if (part := endings.part_of(outcome, reason)) is not None]
    counts, parts = session.execute(select(Run.counts, Run.parts).where(Run.id == run_id)).one()
    values = {"counts": taken_off(counts, object_type, [outcome] * len(seqs))}
    if named:
        values["parts"] = taken_off(parts or {}, object_type, named)
    moved = update(Run).where(Run.id == run_id).values(values)
    session.execute(moved.execution_options(synchronize_session=False))


def _count_parts(run: Run, object_type: str, logged: Iterable[Entry]) -> None:
    """Count what has a name of its own within its outcome, such as what an undo removes."""
    named = [part for one in logged if (part := endings.part_of(one.outcome, one.reason)) is not None]
    if named:
        run.parts = added_up(run.parts or {}, object_type, named)


def added_up(counts: dict[str, Any], counted_as: str, ended: Iterable[str]) -> dict[str, Any]:
    """A run's counts by kind and outcome, with these outcomes added."""
    own = dict(counts.get(counted_as, {}))
    for outcome in ended:
        own[outcome] = own.get(outcome, 0) + 1
    return {**counts, counted_as: own}


def taken_off(counts: dict[str, Any], counted_as: str, ended: Iterable[str]) -> dict[str, Any]:
    """A run's counts by kind and outcome, without these outcomes."""
    own = Counter(counts.get(counted_as, {}))
    own.subtract(ended)
    return {**counts, counted_as: {name: count for name, count in own.items() if count}}
