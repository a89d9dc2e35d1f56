"""Records from and to files: CSV and, outwards, JSON lines. Rows stream through."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from msgspec import Struct, field
from sqlalchemy.orm import Session

from webapp.domain.records.csv_cells import from_cell, to_cell
from webapp.domain.records.fields import CUSTOM, FIELDS, FIELDS_BY_NAME, ObjectType
from webapp.domain.records.keys import domain_key
from webapp.domain.records.stored_rows import Ranges, holds
from webapp.domain.records.validate import Checked, as_text, check
from webapp.domain.records.values import Value
from webapp.errors import Problem, RefusedError, problem
from webapp.services import Services
from webapp.store.push import outbox
from webapp.store.records import custom_fields, edits, file_imports, records
from webapp.store.records import files as record_files
from webapp.usecases.runs import queues

# A few rows at a time, so that nobody waits long for their turn to write.
ROWS_AT_ONCE = 200
_IGNORED = ("id", "hubspot_id")
_BY_DOMAIN = "company_domain"


class Imported(Struct):
    """What became of a file.

    Attributes:
        created: how many records were stored.
        already: how many rows an earlier import of the same file had stored, which it leaves alone.
        errors: what was wrong, row by row: `{"row", "errors": {field: problem}}`; the header is row 1.
    """

    created: int = 0
    already: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)


class _Row(Struct):
    number: int
    checked: Checked
    company_domain: str = ""


class _File(Struct, frozen=True):
    """The file at work: whose records it has, what tells it from others, and its rows stored before."""

    object_type: ObjectType
    digest: str
    stored: Ranges


def import_csv(services: Services, object_type: ObjectType, path: Path, *, again: bool = False) -> Imported:
    """Create a record for every row that fits and was not stored before; the others are reported.

    What was stored of a file is remembered with the records: an import that was cut off goes on when it is
    repeated, and one that was not stores nothing twice.

    Args:
        services: What it works with.
        object_type: Companies or contacts.
        path: A CSV file in UTF-8; its first row names fields, as `export_csv` does.
        again: Whether to store every row, whatever was stored of this file before.

    Raises:
        RefusedError: `wrong_header` or `unreadable`: nothing was stored, or nothing from that row on.
    """
    result = Imported()
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    file = _File(object_type, digest, _stored_before(services, object_type, digest, again=again))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        batch: list[_Row] = []
        for row in _rows(services, file, _cells(stream, result), result):
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                _store(services, file, batch, result)
                batch = []
        _store(services, file, batch, result)
    result.errors.sort(key=lambda error: int(error["row"]))
    return result


def _stored_before(services: Services, object_type: ObjectType, digest: str, *, again: bool) -> Ranges:
    with services.database.writing() as session:
        if again:
            file_imports.forget(session, object_type, digest)
        return file_imports.stored_rows(session, object_type, digest)


def export_csv(services: Services, object_type: ObjectType, write: Callable[[str], object]) -> int:
    """Write every record as CSV, and say how many there were."""
    with services.database.reading() as session:
        names = _columns(session, object_type)
        write(_line(names))
        count = 0
        for values in _exported(session, object_type):
            write(_line([to_cell(as_text(values.get(name))) for name in names]))
            count += 1
        return count


def export_json_lines(services: Services, object_type: ObjectType, write: Callable[[str], object]) -> int:
    """Write every record as a JSON object a line, its values exactly as they are, and say how many."""
    with services.database.reading() as session:
        names = _columns(session, object_type)
        count = 0
        for values in _exported(session, object_type):
            shown = {
                name: values.get(name) for name in names if name in values or not name.startswith(CUSTOM)
            }
            write(json.dumps(shown, ensure_ascii=False) + "\n")
            count += 1
        return count


def _cells(stream: TextIO, result: Imported) -> Iterator[tuple[int, list[str]]]:
    """The rows as lists of cells, numbered as spreadsheets number them, empty ones left out."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(stream, strict=True), start=1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except UnicodeDecodeError as error:
        raise _unreadable(result, problem("not_utf8", detail=error.reason)) from error
    except csv.Error as error:
        raise _unreadable(result, problem("bad_row", row=number + 1, detail=str(error))) from error


def _unreadable(result: Imported, place: Problem) -> RefusedError:
    return RefusedError("unreadable", place=place, created=result.created)


def _rows(
    services: Services, file: _File, cells: Iterator[tuple[int, list[str]]], result: Imported
) -> Iterator[_Row]:
    """The rows whose values fit; what is wrong with the others goes into the result."""
    object_type = file.object_type
    names = _header(object_type, next(cells, (1, []))[1])
    with services.database.reading() as session:
        custom = custom_fields.load(session, object_type)
    for number, row in cells:
        if holds(file.stored, number):
            result.already += 1
            continue
        if any(cell.strip() for cell in row[len(names) :]):
            _fail(result, number, {"row": problem("cells", count=len(row), expected=len(names))})
            continue
        given = dict(zip(names, map(from_cell, row), strict=False))
        domain = given.pop(_BY_DOMAIN, "").strip()
        checked = check(object_type, {n: t for n, t in given.items() if n not in _IGNORED}, {}, custom)
        if domain and checked.values.get("company_id") is None:
            checked.errors.pop("company_id", None)
        else:
            domain = ""
        if checked.errors:
            _fail(result, number, checked.errors)
        else:
            yield _Row(number, checked, domain)


def _header(object_type: ObjectType, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    fitting = [*_IGNORED, *FIELDS_BY_NAME[object_type]]
    if object_type == "contacts":
        fitting.append(_BY_DOMAIN)
    unknown = [name for name in names if name not in fitting and not _is_custom(name)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names or unknown or twice:
        wrong = [problem("unknown_columns", names=list(map(repr, unknown)))] if unknown else []
        wrong += [problem("named_twice", names=twice)] if twice else []
        raise RefusedError("wrong_header", wrong=wrong or [problem("empty_file")], fitting=", ".join(fitting))
    return names


def _is_custom(name: str) -> bool:
    return name.startswith(CUSTOM) and len(name) > len(CUSTOM)


def _store(services: Services, file: _File, batch: list[_Row], result: Imported) -> None:
    """Store a batch in one transaction, without the rows whose company is not here."""
    if not batch:
        return
    to_send_to: list[int] = []
    with services.database.writing() as session:
        good = _with_companies(session, batch, result) if file.object_type == "contacts" else batch
        if good:
            to_send_to = _insert(session, file.object_type, [row.checked.values for row in good])
            numbers = [row.number for row in good]
            file_imports.record_stored(session, file.object_type, file.digest, numbers, datetime.now(UTC))
    result.created += len(good)
    for connection_id in to_send_to:
        queues.enqueue_automatic(services, queues.AUTO_PUSH, connection_id)


def _insert(session: Session, object_type: ObjectType, many: list[dict[str, Value]]) -> list[int]:
    """Store new records, their origin, and that they are to be sent; returns the connections concerned."""
    now = datetime.now(UTC)
    numbers = records.insert_many(session, object_type, many)
    made = [(number, edits.changes_between({}, values)) for number, values in zip(numbers, many, strict=True)]
    edits.add(session, object_type, made, origin="csv", now=now)
    return outbox.add(session, object_type, numbers, now)


def _with_companies(session: Session, batch: list[_Row], result: Imported) -> list[_Row]:
    domains = {
        row.company_domain: domain_key(row.company_domain) or "" for row in batch if row.company_domain
    }
    by_domain = records.company_ids_by_domain(session, set(domains.values()))
    numbers = {value for row in batch if isinstance(value := row.checked.values["company_id"], int)}
    existing = records.existing_company_ids(session, numbers)
    good = []
    for row in batch:
        if row.company_domain:
            found = by_domain.get(domains[row.company_domain], [])
            if len(found) != 1:
                _fail(result, row.number, {_BY_DOMAIN: _no_one_company(row.company_domain, len(found))})
                continue
            row.checked.values["company_id"] = found[0]
        elif row.checked.values["company_id"] not in existing:
            company_id = row.checked.values["company_id"]
            _fail(result, row.number, {"company_id": problem("no_company_of_number", company_id=company_id)})
            continue
        good.append(row)
    return good


def _no_one_company(domain: str, count: int) -> Problem:
    if count:
        return problem("several_companies_of_domain", count=count, domain=domain)
    return problem("no_company_of_domain", domain=domain)


def _fail(result: Imported, number: int, errors: dict[str, Problem]) -> None:
    result.errors.append({"row": number, "errors": errors})


def _columns(session: Session, object_type: ObjectType) -> list[str]:
    """The columns of an export: every field, then the custom ones that are defined or that records have."""
    defined = [field.name for field in custom_fields.load(session, object_type)]
    held = [f"{CUSTOM}{name}" for name in record_files.custom_names(session, object_type)]
    return [*_IGNORED, *(item.name for item in FIELDS[object_type]), *dict.fromkeys((*defined, *held))]


def _exported(session: Session, object_type: ObjectType) -> Iterator[dict[str, Any]]:
    for record, remote_id in record_files.all_records(session, object_type):
        yield {"id": record.id, "hubspot_id": remote_id} | records.values_of(object_type, record)


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
