"""An uploaded file as a run: its preview checks the file, the run itself imports it.

Each row is planned once more with what is here by then, and stored together with its entry in the log, so
that an import can be undone like any run.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import to_builtins
from msgspec.structs import replace

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.row_plan import RowPlan, name_of, repeated
from webapp.domain.records.files.rows import Row
from webapp.domain.runs.options import ImportOptions
from webapp.domain.runs.progress import OPEN_STATES
from webapp.errors import CannotGoOnError, RefusedError
from webapp.services import Services
from webapp.store.connection import first_log
from webapp.store.records.files import file_imports, kept_files, matches, planned_rows
from webapp.store.records.files.kept_files import CsvImport
from webapp.store.runs import log, runs
from webapp.store.runs.checkpoint import lock_run, write_checkpoint
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry
from webapp.usecases.matching.finding import AT_ONCE, list_alike
from webapp.usecases.records.files import checking, storing
from webapp.usecases.records.files.file_slices import ENDED_AS, FileSlice, Position
from webapp.usecases.records.files.open_file import opened
from webapp.usecases.records.files.storing import Author, OvertakenError, StoredRows
from webapp.usecases.records.files.uploading import as_file, layout, look
from webapp.usecases.runs import queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started, enqueue_next_slice, requested
from webapp.usecases.runs.publish import records_changed, run_changed

IMPORT = "import"
ROWS_AT_ONCE = 5_000
"""Rows that are stored in one transaction: a file of no more is stored as a whole, or not at all."""

_TRIES = 5


def start(
    services: Services, import_id: int, *, user_id: int | None, is_preview: bool, skips_bad_rows: bool = False
) -> Started:
    """Check a file, or import what was checked; asking again leads to the run that is under way.

    Raises:
        RefusedError: `file_gone` or `no_columns`; and of an import `not_checked`, `imported_already` or
            `rows_have_errors`.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        kept = kept_files.get(session, import_id, is_locked=True)
        if kept is None:
            raise RefusedError("file_gone")
        for open_id in (kept.check_id, kept.run_id):
            run = runs.get(session, open_id) if open_id is not None else None
            if run is not None and run.state in OPEN_STATES:
                return Started(run.id, is_new=False)
        _check_ready(kept, is_preview=is_preview, skips_bad_rows=skips_bad_rows)
        new = requested(
            services,
            IMPORT,
            connection_id=first_log.owner(session).id,
            trigger="button",
            started_by_id=user_id,
            options=_options(kept, skips_bad_rows=skips_bad_rows),
            is_preview=is_preview,
        )
        run_id = runs.add_begun(session, new, now)
        begin = kept_files.begin_check if is_preview else kept_files.begin_import
        begin(session, import_id, run_id, now)
    enqueue_next_slice(services, run_id, 0)
    return Started(run_id, is_new=True)


def _check_ready(kept: CsvImport, *, is_preview: bool, skips_bad_rows: bool) -> None:
    if kept.columns is None:
        raise RefusedError("no_columns")
    if is_preview:
        return
    if kept.run_id is not None:
        raise RefusedError("imported_already")
    if kept.foreseen is None:
        raise RefusedError("not_checked")
    if kept.foreseen.get("failed") and not skips_bad_rows:
        raise RefusedError("rows_have_errors", count=kept.foreseen["failed"])


def _options(kept: CsvImport, *, skips_bad_rows: bool) -> ImportOptions:
    return ImportOptions(
        import_id=kept.id,
        object_type=_type_of(kept),
        digest=kept.digest,
        again=kept.again,
        skips_bad_rows=skips_bad_rows,
    )


def _type_of(kept: CsvImport) -> ObjectType:
    return "companies" if kept.object_type == "companies" else "contacts"


def work(lease: Lease) -> bool:
    """Check or import rows until the slice's time is up. True when nothing is left.

    Raises:
        CannotGoOnError: `file_gone`; `book_changed`, a row has an error that it had not when it was checked.
    """
    options = lease.options_as(ImportOptions)
    with lease.services.database.reading() as session:
        kept = kept_files.get(session, options.import_id)
    if kept is None or kept.columns is None:
        raise CannotGoOnError("file_gone")
    position = lease.position(Position) if lease.checkpoint else _begin(lease, options, layout(kept).rows)
    at_once = checking.ROWS_AT_ONCE if lease.is_preview else ROWS_AT_ONCE
    with as_file(lease.services, options.import_id) as path:
        file = opened(
            lease.services,
            options.object_type,
            path,
            look(kept),
            again=options.again,
            newest=position.newest,
        )
        in_slice = FileSlice(lease, file, file.batches(at_once, after=position.after))
        while position.phase != "end":
            position = _STEPS[lease.is_preview, position.phase](in_slice, position)
            run_changed(lease.services, lease.run_id)
            if lease.is_over():
                break
    return position.phase == "end"


def _begin(lease: Lease, options: ImportOptions, rows: int) -> Position:
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        position = Position(newest=matches.newest_id(session, options.object_type))
        if lease.is_preview:
            planned_rows.clear(session, options.import_id)
        elif options.again:
            file_imports.forget(session, options.object_type, options.digest)
        write_checkpoint(session, run, lease.checkpoint_at(position), now, totals={options.object_type: rows})
    return position


def _store_rows(work: FileSlice, position: Position) -> Position:
    """Store the next rows, together with their entries in the log."""
    rows = next(work.batches, [])
    for _ in range(_TRIES):
        try:
            moved, stored = _written(work, position, rows)
        except OvertakenError:
            continue
        if stored.records:
            records_changed(work.lease.services)
        for connection_id in stored.to_send_to:
            queues.enqueue_automatic(work.lease.services, queues.AUTO_PUSH, connection_id)
        return moved
    raise CannotGoOnError("book_changed", row=rows[0].number)


def _written(work: FileSlice, position: Position, rows: list[Row]) -> tuple[Position, StoredRows]:
    services, file, now = work.lease.services, work.file, datetime.now(UTC)
    with services.database.reading() as session:
        held = planned_rows.repeated(session, work.options.import_id, *_ends(rows))
    plans, known = file.plans(services, rows, repeated(file.object_type, held))
    if not work.options.skips_bad_rows and any(plan.outcome == "failed" for plan in plans):
        raise CannotGoOnError("book_changed", row=rows[0].number)
    with services.database.writing() as session:
        run = lock_run(session, work.lease.run_id, work.lease.fence)
        if not rows:
            moved = replace(position, phase="alike", after=0)
            return work.move(session, run, moved, now), StoredRows([], [])
        stored = storing.store(
            session, file, rows, plans, known, now=now, author=Author(run.started_by_id, run.id)
        )
        entries = _entries(file.object_type, plans, stored)
        last_seq = write_entries(session, run, now, file.object_type, entries)
        counts = added_up(run.counts, file.object_type, [entry.outcome for entry in entries])
        moved = replace(position, after=rows[-1].number)
        return work.move(session, run, moved, now, counts=counts, last_seq=last_seq), stored


def _ends(rows: list[Row]) -> tuple[int, int]:
    return (rows[0].number, rows[-1].number) if rows else (0, 0)


def _entries(object_type: ObjectType, plans: list[RowPlan], stored: StoredRows) -> list[Entry]:
    """The log entries of some rows, in the order of the file."""
    by_number = {one.plan.number: one for one in stored.records}
    entries = []
    for plan in plans:
        detail: dict[str, Any] = {"row": plan.number}
        if plan.errors:
            detail["problems"] = to_builtins(plan.errors)
        one = by_number.get(plan.number)
        entries.append(
            Entry(
                one.record_id if one else plan.record_id,
                None,
                name_of(object_type, plan)[:LONGEST_NAME],
                ENDED_AS[plan.outcome],
                _REASONS.get(plan.outcome),
                [list(change) for change in one.changes] if one else None,
                detail,
            )
        )
    return entries


_REASONS = {"failed": "bad_row", "already": "stored_before"}


def _find_alike(work: FileSlice, position: Position) -> Position:
    """List what looks like the next records that were made or changed."""
    lease = work.lease
    with lease.services.database.reading() as session:
        found = log.records_written(session, lease.run_id, after_seq=position.after, limit=AT_ONCE)
    record_ids = [record_id for _, record_id in found]
    count = list_alike(lease.services, work.file.object_type, record_ids, found_by="csv")
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        if not found:
            return work.move(session, run, replace(position, phase="end"), datetime.now(UTC))
        moved = replace(position, after=found[-1][0], alike=position.alike + count)
        return work.move(session, run, moved, datetime.now(UTC))


_STEPS: dict[tuple[bool, str], Callable[[FileSlice, Position], Position]] = {
    (True, "rows"): checking.check_rows,
    (True, "repeated"): checking.check_repeated,
    (True, "resembling"): checking.check_resembling,
    (False, "rows"): _store_rows,
    (False, "alike"): _find_alike,
}
