"""Keeping all pairs apart that a filter shows: a page of them in one transaction, each with its log entry."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.store.duplicates import lists, pairs, sides
from webapp.store.duplicates.pairs import PossibleDuplicate
from webapp.store.runs.checkpoint import lock_run
from webapp.store.runs.entries import log_page
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.store.runs.log import Run
from webapp.usecases.duplicates.units import Position, question_of
from webapp.usecases.runs.lease import Lease

PAIRS_AT_ONCE = 100


def step(lease: Lease, options: MergeDuplicatesOptions, position: Position) -> Position:
    """Keep the next pairs apart, or say in a preview that the run would."""
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        question = question_of(options, lease.connection_id)
        ids = lists.ids_after(session, question, position.after_id, PAIRS_AT_ONCE)
        found = [pair_id for pair_id in ids if pair_id <= position.up_to]
        rows = [row for pair_id in found if (row := pairs.get(session, pair_id)) is not None]
        entries = _entries(session, run, options, rows)
        if not lease.is_preview:
            both = [pairs.as_pair(row).ids for row in rows]
            pairs.keep_apart(session, options.object_type, both, user_id=run.started_by_id, now=now)
        after_id = found[-1] if found else position.after_id
        moved = Position(after_id=after_id, up_to=position.up_to, is_end=len(found) < PAIRS_AT_ONCE)
        log_page(session, run, now, options.object_type, entries, checkpoint=lease.checkpoint_at(moved))
    return moved


def _entries(
    session: Session, run: Run, options: MergeDuplicatesOptions, rows: list[PossibleDuplicate]
) -> list[Entry]:
    """The log entries of the pairs, each under the record with the lower number."""
    both = sorted({number for row in rows for number in (row.lower_id, row.higher_id)})
    read = sides.read(session, options.object_type, both, run.connection_id)
    names = {
        number: record_name(options.object_type, one.values)[:LONGEST_NAME] for number, one in read.items()
    }
    return [
        Entry(
            row.lower_id,
            read[row.lower_id].remote_id if row.lower_id in read else None,
            names.get(row.lower_id, ""),
            outcomes.UPDATED,
            "kept_apart",
            detail={
                "apart_from": row.higher_id,
                "resembles": names.get(row.higher_id, ""),
                "evidence": row.evidence.split(),
            },
        )
        for row in rows
    ]
