"""Records from a CSV file: the whole file is read and planned before the first of its rows is stored."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.encoding import Other
from webapp.domain.records.files.recognition import Known
from webapp.domain.records.files.row_plan import RowPlan, repeated
from webapp.domain.records.files.rows import Row
from webapp.errors import RefusedError, problem
from webapp.services import Services
from webapp.store.records.files import file_imports
from webapp.store.records.files.repeated_rows import RepeatedRows, repeated_rows
from webapp.usecases.matching.finding import list_alike
from webapp.usecases.records.files import storing
from webapp.usecases.records.files.import_result import Imported
from webapp.usecases.records.files.likeness import alike, compared
from webapp.usecases.records.files.open_file import Doubles, OpenFile, opened
from webapp.usecases.records.files.reading import has_changed, look_at
from webapp.usecases.records.files.storing import OvertakenError, StoredRows
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import records_changed

ROWS_AT_ONCE = 5_000
"""Rows in one transaction: a file of no more is stored as a whole, and others wait for about a second."""

_TRIES = 5

Each = Callable[[RowPlan], object]


def no_interest(_plan: RowPlan) -> None:
    """The callback for rows' plans where only the counts are of interest: it does nothing."""


def import_csv(
    services: Services,
    object_type: ObjectType,
    path: Path,
    *,
    again: bool = False,
    is_check: bool = False,
    skips_bad_rows: bool = False,
    encoding: Other | None = None,
    each: Each = no_interest,
) -> Imported:
    """Create or change a record for every row; none where a row has an error.

    A row is the record that its number, its HubSpot object, its e-mail address or its domain names; a row
    that none of them names is a new one, unless an earlier import of the same file has stored it. A blank
    cell leaves the value alone. What an export wrote is taken back and changes nothing.

    For a file of more than `ROWS_AT_ONCE` rows, an import that was cut off goes on when it is repeated.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        path: A CSV file whose first row names fields, as `export_csv` does.
        again: Whether to store every row, even those stored from this file before.
        is_check: Whether nothing is stored, and only the plans are made.
        skips_bad_rows: Whether the other rows are stored where some have errors.
        encoding: How the file is read, unless it is UTF-8 or UTF-16; None where its letters show that.
        each: Is handed the plan of every row, in order.

    Raises:
        RefusedError: `wrong_header` or `unreadable`, and nothing was stored; `file_changed` or `book_changed`
            while it was read.
    """
    file = opened(services, object_type, path, look_at(path, object_type, encoding), again=again)
    with repeated_rows() as repetitions:
        has_errors = _survey(services, file, repetitions)
        is_stored = not is_check and (skips_bad_rows or not has_errors)
        result = Imported(file.look.encoding, file.look.separator, is_check=is_check, is_stored=is_stored)
        if has_changed(path, file.look):
            raise RefusedError("file_changed")
        if is_stored and again:
            with services.database.writing() as session:
                file_imports.forget(session, object_type, file.look.digest)
        for rows in file.batches(ROWS_AT_ONCE):
            doubles = repeated(object_type, repetitions.between(rows[0].number, rows[-1].number))
            if is_stored:
                plans, record_ids = _store(services, file, rows, doubles, may_fail=skips_bad_rows)
                result.alike += list_alike(services, object_type, record_ids, found_by="csv")
            else:
                plans = _plans(services, file, rows, doubles)[0]
                _warn_of_alike(services, object_type, plans)
            for plan in plans:
                result.count(plan)
                each(plan)
    return result


def _warn_of_alike(services: Services, object_type: ObjectType, plans: list[RowPlan]) -> None:
    """Say of rows that would be new records which records they look like."""
    found = alike(services, object_type, compared(services, plans))
    for plan in plans:
        if others := found.get(plan.number):
            ids = [one.record_id for one in others if one.record_id is not None]
            warning = problem("looks_like", record_ids=ids, name=others[0].name)
            plan.warnings = {**plan.warnings, "row": warning}


def _survey(services: Services, file: OpenFile, repetitions: RepeatedRows) -> bool:
    """Read and plan the whole file once; whether a row has an error, or repeats another."""
    has_errors = False
    for rows in file.batches(ROWS_AT_ONCE):
        plans, _ = _plans(services, file, rows, {})
        repetitions.add((token, plan.number) for plan in plans for token in plan.tokens)
        has_errors = has_errors or any(plan.outcome == "failed" for plan in plans)
    return bool(repetitions.compare()) or has_errors


def _plans(
    services: Services, file: OpenFile, rows: list[Row], doubles: Doubles
) -> tuple[list[RowPlan], Known]:
    return file.plans(services, rows, doubles)


def _store(
    services: Services, file: OpenFile, rows: list[Row], doubles: Doubles, *, may_fail: bool
) -> tuple[list[RowPlan], list[int]]:
    """Store some rows in one transaction, which finds here what their plans were made from.

    Returns:
        The plans, and the numbers of the records that were made or changed.
    """
    for _ in range(_TRIES):
        plans, known = _plans(services, file, rows, doubles)
        if not may_fail and any(plan.outcome == "failed" for plan in plans):
            break
        try:
            stored = _written(services, file, rows, plans, known)
        except OvertakenError:
            continue
        records_changed(services)
        for connection_id in stored.to_send_to:
            queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)
        return plans, [one.record_id for one in stored.records]
    raise RefusedError("book_changed", row=rows[0].number)


def _written(
    services: Services, file: OpenFile, rows: list[Row], plans: list[RowPlan], known: Known
) -> StoredRows:
    if not any(plan.outcome in ("created", "updated") for plan in plans):
        return StoredRows([], [])
    with services.database.writing() as session:
        return storing.store(session, file, rows, plans, known, now=datetime.now(UTC))
