"""Checking a file: every row is planned and its plan kept, then compared with the other rows."""

from datetime import UTC, datetime

from msgspec.structs import replace

from webapp.domain.records.files.row_plan import repeated
from webapp.store.duplicates import scan_keys
from webapp.store.records.files import kept_files, planned_rows
from webapp.store.runs.checkpoint import lock_run
from webapp.store.runs.entries import added_up
from webapp.usecases.matching.frozen import frequencies_of
from webapp.usecases.records.files import likeness
from webapp.usecases.records.files.file_slices import ENDED_AS, FileSlice, Position

ROWS_AT_ONCE = 500
"""Rows that are planned in one transaction, so that a person sees how far it is."""
NUMBERS_AT_ONCE = 5_000
"""How many row numbers are searched at once for rows that repeat others."""
KEYS_AT_ONCE = 500
"""How many keys that rows may share are compared at once."""


def check_rows(work: FileSlice, position: Position) -> Position:
    """Plan the next rows, compare those that would be new records with what is here, and keep that."""
    lease, object_type, import_id = work.lease, work.file.object_type, work.options.import_id
    rows = next(work.batches, [])
    plans = work.file.plans(lease.services, rows, {})[0]
    new = likeness.compared(lease.services, plans)
    found = likeness.alike(lease.services, object_type, new)
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        if not rows:
            return work.move(session, run, replace(position, phase="repeated", after=1), now)
        planned_rows.keep(session, import_id, object_type, plans, alike=found, compared=new)
        likeness.write_keys(session, run.id, object_type, new)
        counts = added_up(run.counts, object_type, [ENDED_AS[plan.outcome] for plan in plans])
        return work.move(session, run, replace(position, after=rows[-1].number), now, counts=counts)


def check_repeated(work: FileSlice, position: Position) -> Position:
    """Find among the next rows those that repeat others."""
    lease, object_type, import_id = work.lease, work.file.object_type, work.options.import_id
    now, last = datetime.now(UTC), position.after + NUMBERS_AT_ONCE
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        held = planned_rows.repeated(session, import_id, position.after + 1, last)
        planned_rows.fail(session, import_id, repeated(object_type, held))
        if last < planned_rows.last_number(session, import_id):
            return work.move(session, run, replace(position, after=last), now)
        return work.move(session, run, replace(position, phase="resembling", after=0), now)


def check_resembling(work: FileSlice, position: Position) -> Position:
    """Compare rows that share a key with each other; behind the last key, count how all would end."""
    lease, object_type, import_id = work.lease, work.file.object_type, work.options.import_id
    by_count, now = frequencies_of(lease), datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        stretch = scan_keys.next_stretch(session, run.id, object_type, KEYS_AT_ONCE)
        if stretch is not None:
            likeness.compare_rows(session, import_id, object_type, stretch, by_count)
            done = scan_keys.drop(session, run.id, object_type, stretch.up_to)
            return work.move(session, run, replace(position, after=position.after + done), now)
        found = planned_rows.counts(session, import_id)
        kept_files.foresee(session, import_id, found)
        counts = {ENDED_AS[name]: found[name] for name in ENDED_AS if name in found}
        return work.move(session, run, replace(position, phase="end"), now, counts={object_type: counts})
