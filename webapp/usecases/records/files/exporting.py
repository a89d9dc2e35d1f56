"""Exports records as CSV, or exactly as stored as JSON lines."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, FIELDS, ObjectType
from webapp.domain.records.files.csv_cells import to_cell
from webapp.domain.records.files.header import IDS
from webapp.domain.records.validate import as_text
from webapp.services import Services
from webapp.store.records import custom_fields, records
from webapp.store.records.files import every_record
from webapp.store.records.files.every_record import Exported
from webapp.store.records.listing.lists import Question
from webapp.store.records.records import Record

BYTE_ORDER_MARK = "\ufeff"
"""By it spreadsheets recognise UTF-8; an import skips it."""
RECORDS_AT_ONCE = 500
"""How many records of a list are read before their lines are sent."""


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


def listed_as_csv(services: Services, object_type: ObjectType, question: Question) -> Iterator[str]:
    """The records of a list as CSV, by number; each stretch opens the database, reads and closes it."""
    after_id = 0

    def some() -> list[Exported]:
        nonlocal after_id
        with services.database.reading() as session:
            found = every_record.listed(
                session, object_type, question, after_id=after_id, limit=RECORDS_AT_ONCE
            )
        after_id = found[-1][0].id if found else after_id
        return found

    return _as_csv(services, object_type, iter(some, []))


def numbered_as_csv(
    services: Services, object_type: ObjectType, numbers: Iterable[Sequence[int]]
) -> Iterator[str]:
    """The records with these numbers as CSV, one given batch at a time."""

    def some() -> Iterator[list[Exported]]:
        for ids in numbers:
            with services.database.reading() as session:
                yield every_record.numbered(session, object_type, ids)

    return _as_csv(services, object_type, some())


def _as_csv(services: Services, object_type: ObjectType, pages: Iterable[list[Exported]]) -> Iterator[str]:
    with services.database.reading() as session:
        names = _columns(session, object_type)
    yield BYTE_ORDER_MARK + _line(names)
    for page in pages:
        many = [_exported_values(object_type, record, remote_id) for record, remote_id in page]
        yield "".join(_line([to_cell(as_text(one.get(name))) for name in names]) for one in many)


def _columns(session: Session, object_type: ObjectType) -> list[str]:
    """The columns of an export: every field, then the custom ones that are defined or that records have."""
    defined = [field.name for field in custom_fields.load(session, object_type)]
    held = [f"{CUSTOM}{name}" for name in every_record.custom_names(session, object_type)]
    return [*IDS, *(item.name for item in FIELDS[object_type]), *dict.fromkeys((*defined, *held))]


def _exported(session: Session, object_type: ObjectType) -> Iterator[dict[str, Any]]:
    for record, remote_id in every_record.all_records(session, object_type):
        yield _exported_values(object_type, record, remote_id)


def _exported_values(object_type: ObjectType, record: Record, remote_id: str | None) -> dict[str, Any]:
    return {"id": record.id, "hubspot_id": remote_id} | records.values_of(object_type, record)


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
