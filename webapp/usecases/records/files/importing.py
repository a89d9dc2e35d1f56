"""Records from a CSV file: the whole file is read and planned before the first of its rows is stored."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.recognition import Known
from webapp.domain.records.files.row_plan import Planner, RowPlan, repeated
from webapp.domain.records.files.rows import Row
from webapp.errors import Problem, RefusedError
from webapp.services import Services
from webapp.store.push import outbox
from webapp.store.records import custom_fields, edits, records
from webapp.store.records.files import file_imports, matches
from webapp.store.records.files.repeated_rows import RepeatedRows, repeated_rows
from webapp.usecases.records.files.imported import Imported
from webapp.usecases.records.files.reading import FileLook, has_changed, look_at, rows_of
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import records_changed

ROWS_AT_ONCE = 5_000
"""Rows in one transaction: a file of no more is stored as a whole, and others wait for about a second."""

CHARACTERS_AT_ONCE = 4_000_000
"""Rows of long texts are fewer, so that a file of any size takes the same memory."""

_TRIES = 5

Each = Callable[[RowPlan], object]
Doubles = dict[int, dict[str, Problem]]


class _File(Struct, frozen=True):
    """The file at work.

    Attributes:
        newest: the largest number of a record when the import began.
        again: whether rows are stored whatever was stored of the file before.
    """

    object_type: ObjectType
    path: Path
    look: FileLook
    planner: Planner
    newest: int
    again: bool

    def batches(self) -> Iterator[list[Row]]:
        """Its rows, some at a time."""
        return _batches(rows_of(self.path, self.look, self.object_type))

    def known(self, session: Session, rows: list[Row]) -> Known:
        """What is known here of some rows."""
        found = matches.known(session, self.object_type, rows, self.newest)
        if not self.again:
            found.stored_rows = file_imports.stored_rows(session, self.object_type, self.look.digest)
        return found


def no_interest(_plan: RowPlan) -> None:
    """What is done with the plans of rows where only the counts are of interest."""


class _OvertakenError(Exception):
    """Somebody else has written one of these records since it was read."""


def import_csv(
    services: Services,
    object_type: ObjectType,
    path: Path,
    *,
    again: bool = False,
    is_check: bool = False,
    skips_bad_rows: bool = False,
    each: Each = no_interest,
) -> Imported:
    """Create or change a record for every row; none where a row has an error.

    A row is the record that its number, its HubSpot object, its e-mail address or its domain names; a row
    that none of them names is a new one, unless an earlier import of the same file has stored it. A blank
    cell leaves the value alone. What an export wrote is taken back and changes nothing.

    Of a file of more than `ROWS_AT_ONCE` rows an import that is cut off goes on when it is repeated.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        path: A CSV file whose first row names fields, as `export_csv` does.
        again: Whether to store every row, whatever was stored of this file before.
        is_check: Whether nothing is stored, and only the plans are made.
        skips_bad_rows: Whether the other rows are stored where some have errors.
        each: Is handed the plan of every row, in order.

    Raises:
        RefusedError: `wrong_header` or `unreadable`, and nothing was stored; `file_changed` or `book_changed`
            while it was read.
    """
    file = _opened(services, object_type, path, again=again)
    with repeated_rows() as repetitions:
        has_errors = _survey(services, file, repetitions)
        is_stored = not is_check and (skips_bad_rows or not has_errors)
        result = Imported(file.look.encoding, file.look.separator, is_check=is_check, is_stored=is_stored)
        if has_changed(path, file.look):
            raise RefusedError("file_changed")
        if is_stored and again:
            with services.database.writing() as session:
                file_imports.forget(session, object_type, file.look.digest)
        for rows in file.batches():
            doubles = repeated(object_type, repetitions.between(rows[0].number, rows[-1].number))
            if is_stored:
                plans = _store(services, file, rows, doubles, may_fail=skips_bad_rows)
            else:
                plans = _plans(services, file, rows, doubles)[0]
            for plan in plans:
                result.count(plan)
                each(plan)
    return result


def _opened(services: Services, object_type: ObjectType, path: Path, *, again: bool) -> _File:
    look = look_at(path, object_type)
    with services.database.reading() as session:
        planner = Planner(object_type, custom_fields.load(session, object_type), len(look.names))
        newest = matches.newest_id(session, object_type)
    return _File(object_type, path, look, planner, newest, again)


def _survey(services: Services, file: _File, repetitions: RepeatedRows) -> bool:
    """Read and plan the whole file once; whether a row has an error, or repeats another."""
    has_errors = False
    for rows in file.batches():
        plans, _ = _plans(services, file, rows, {})
        repetitions.add((token, plan.number) for plan in plans for token in plan.tokens)
        has_errors = has_errors or any(plan.outcome == "failed" for plan in plans)
    return bool(repetitions.compare()) or has_errors


def _plans(services: Services, file: _File, rows: list[Row], doubles: Doubles) -> tuple[list[RowPlan], Known]:
    with services.database.reading() as session:
        known = file.known(session, rows)
    return [file.planner.plan(row, known, doubles) for row in rows], known


def _store(
    services: Services, file: _File, rows: list[Row], doubles: Doubles, *, may_fail: bool
) -> list[RowPlan]:
    """Store some rows in one transaction, which finds here what their plans were made from."""
    for _ in range(_TRIES):
        plans, known = _plans(services, file, rows, doubles)
        if not may_fail and any(plan.outcome == "failed" for plan in plans):
            break
        try:
            to_send_to = _written(services, file, rows, plans, known)
        except _OvertakenError:
            continue
        records_changed(services)
        for connection_id in to_send_to:
            queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)
        return plans
    raise RefusedError("book_changed", row=rows[0].number)


def _written(
    services: Services, file: _File, rows: list[Row], plans: list[RowPlan], known: Known
) -> list[int]:
    created = [plan for plan in plans if plan.outcome == "created"]
    updated = [plan for plan in plans if plan.outcome == "updated"]
    if not created and not updated:
        return []
    now = datetime.now(UTC)
    with services.database.writing() as session:
        file_imports.claim(session, file.object_type, file.look.digest, now)
        if file.known(session, rows) != known:
            raise _OvertakenError
        return _write(session, file, created, updated, now)


def _write(
    session: Session, file: _File, created: list[RowPlan], updated: list[RowPlan], now: datetime
) -> list[int]:
    """Store records, what was changed of them, and that they are to be sent; returns the connections."""
    object_type = file.object_type
    values = [plan.values for plan in created]
    numbers = records.insert_many(session, object_type, values) if values else []
    changed = [(number, edits.changes_between({}, one)) for number, one in zip(numbers, values, strict=True)]
    for plan in updated:
        record_id = plan.record_id or 0
        if not records.change(session, object_type, record_id, plan.version, plan.values):
            raise _OvertakenError
        changed.append((record_id, plan.changes))
    edits.add(session, object_type, changed, origin="csv", now=now)
    stored = [plan.number for plan in created]
    file_imports.record_stored(session, object_type, file.look.digest, stored)
    return outbox.add(session, object_type, [record_id for record_id, _ in changed], now)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row.given.values()))
        if len(batch) >= ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
