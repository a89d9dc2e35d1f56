"""Files that were uploaded: kept in the database, so that a worker on any machine reads them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import CsvColumn, CsvImport, CsvImportPart, CsvImportRow, CsvImportToken
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among

__all__ = ["CsvImport"]

LONGEST_NAME = 200
LONGEST_HEADING = 100
BYTES_AT_ONCE = 1 << 20


def add(
    session: Session,
    object_type: ObjectType,
    *,
    file_name: str,
    digest: str,
    layout: dict[str, Any],
    content: Iterable[bytes],
    user_id: int | None,
    now: datetime,
) -> int:
    """Keep a file; returns the number of its import."""
    row = CsvImport(
        object_type=object_type,
        file_name=file_name[:LONGEST_NAME],
        size_bytes=0,
        digest=digest,
        layout=layout,
        uploaded_at=now,
        uploaded_by_id=user_id,
        touched_at=now,
    )
    session.add(row)
    session.flush()
    for number, part in enumerate(content):
        session.add(CsvImportPart(import_id=row.id, number=number, content=part))
        row.size_bytes += len(part)
    session.flush()
    return row.id


def parts_of(stream: Any) -> Iterator[bytes]:
    """A stream's content as it is kept: in parts of a size that every database takes."""
    while part := stream.read(BYTES_AT_ONCE):
        yield part


def get(session: Session, import_id: int, *, is_locked: bool = False) -> CsvImport | None:
    """One import, read afresh."""
    return session.get(CsvImport, import_id, populate_existing=True, with_for_update=is_locked)


def content(session: Session, import_id: int) -> Iterator[bytes]:
    """The content of a file, in parts."""
    query = select(CsvImportPart.content).where(CsvImportPart.import_id == import_id)
    return iter(session.scalars(query.order_by(CsvImportPart.number).execution_options(yield_per=1)))


def latest(session: Session, object_type: ObjectType, limit: int) -> list[CsvImport]:
    """The files that were uploaded last, newest first."""
    query = select(CsvImport).where(CsvImport.object_type == object_type)
    return list(session.scalars(query.order_by(CsvImport.id.desc()).limit(limit)))


def read_anew(session: Session, import_id: int, layout: dict[str, Any], now: datetime) -> None:
    """A file is read in another way: what was chosen for its columns, and every check, is no longer valid."""
    beginning: dict[str, Any] = {"columns": None, "foreseen": None, "check_id": None, "run_id": None}
    _set(session, import_id, layout=layout, touched_at=now, **beginning)


def choose(session: Session, import_id: int, columns: Sequence[str], *, again: bool, now: datetime) -> None:
    """Keep a person's choice of columns; an earlier check of the file is no longer valid."""
    _set(session, import_id, columns=list(columns), again=again, foreseen=None, touched_at=now)


def begin_check(session: Session, import_id: int, run_id: int, now: datetime) -> None:
    """A run begins to check the file; an earlier check is no longer valid."""
    _set(session, import_id, check_id=run_id, run_id=None, foreseen=None, touched_at=now)


def begin_import(session: Session, import_id: int, run_id: int, now: datetime) -> None:
    """A run begins to import the file; rows that it stores are not stored again, unless that is requested."""
    _set(session, import_id, run_id=run_id, again=False, touched_at=now)


def foresee(session: Session, import_id: int, foreseen: dict[str, int]) -> None:
    """Keep how many rows would end how."""
    _set(session, import_id, foreseen=foreseen)


def forget(session: Session, import_id: int) -> None:
    """Delete a file and everything that is kept about it."""
    for table in (CsvImportPart, CsvImportToken, CsvImportRow):
        statement = delete(table).where(table.import_id == import_id)
        session.execute(statement.execution_options(synchronize_session=False))
    session.execute(
        delete(CsvImport).where(CsvImport.id == import_id).execution_options(synchronize_session=False)
    )


def old(session: Session, before: datetime, limit: int) -> list[int]:
    """The imports on which nobody has worked since a moment."""
    query = select(CsvImport.id).where(CsvImport.touched_at < before).order_by(CsvImport.touched_at)
    return list(session.scalars(query.limit(limit)))


def remembered(session: Session, object_type: ObjectType, headings: Iterable[str]) -> dict[str, str]:
    """The latest choice for columns with these headings, by heading."""
    query = select(CsvColumn.heading, CsvColumn.column).where(
        CsvColumn.object_type == object_type,
        among(session, CsvColumn.heading, sorted({one[:LONGEST_HEADING] for one in headings})),
    )
    return dict(session.execute(query).all())


def remember(session: Session, object_type: ObjectType, chosen: Mapping[str, str]) -> None:
    """Keep what was chosen for columns, by heading."""
    rows = {
        heading[:LONGEST_HEADING]: (object_type, heading[:LONGEST_HEADING], name)
        for heading, name in chosen.items()
        if heading
    }
    table: Any = CsvColumn.__table__
    columns = ("object_type", "heading", "column")
    replace_rows(session, table, columns, columns[:2], list(rows.values()))


def _set(session: Session, import_id: int, **values: Any) -> None:
    statement = update(CsvImport).where(CsvImport.id == import_id).values(values)
    session.execute(statement.execution_options(synchronize_session=False))
