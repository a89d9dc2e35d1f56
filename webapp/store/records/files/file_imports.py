"""Imported files and the numbers of their stored rows, written in the transaction of the rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.stored_rows import Ranges, added_to
from webapp.models import FileImport
from webapp.store.database.bulk import insert_missing_rows

_COLUMNS = ("object_type", "digest", "stored", "began_at")


def stored_rows(session: Session, object_type: ObjectType, digest: str) -> Ranges:
    """The rows of a file that were stored; none of a file that nobody has imported."""
    query = select(FileImport.stored).where(
        FileImport.object_type == object_type, FileImport.digest == digest
    )
    return session.scalar(query) or []


def claim(session: Session, object_type: ObjectType, digest: str, now: datetime) -> None:
    """Lock a file, so that no other transaction stores its rows."""
    table: Any = FileImport.__table__
    insert_missing_rows(session, table, _COLUMNS, [(object_type, digest, [], now)])
    session.execute(_of_file(object_type, digest).with_for_update())


def record_stored(session: Session, object_type: ObjectType, digest: str, numbers: Iterable[int]) -> None:
    """Remember further rows of a claimed file as stored, in the transaction that stores them."""
    query = _of_file(object_type, digest).execution_options(populate_existing=True)
    row = session.scalars(query).one()
    row.stored = added_to(row.stored, numbers)


def forget(session: Session, object_type: ObjectType, digest: str) -> None:
    """Forget the imports of a file, so that it can be imported anew."""
    session.execute(
        delete(FileImport)
        .where(FileImport.object_type == object_type, FileImport.digest == digest)
        .execution_options(synchronize_session=False)
    )


def _of_file(object_type: ObjectType, digest: str) -> Select[FileImport]:
    return select(FileImport).where(FileImport.object_type == object_type, FileImport.digest == digest)
