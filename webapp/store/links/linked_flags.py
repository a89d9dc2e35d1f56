"""Flags the records that are linked in every connection, so that look-ups by likeness pass them over.

A missing flag costs time, a wrong one would hide a record from matching. So records are flagged only while
there is one connection; the flag goes with the link, and all flags go with every new connection.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Connection
from webapp.store.database.lists import dialect_of, listed, parameter
from webapp.store.records.records import TABLES


def is_only_connection(session: Session) -> bool:
    """Whether a record with a link is linked wherever it could be."""
    return session.execute(_connections()).scalar_one() == 1


def mark_linked(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """These records have a link now."""
    if record_ids and is_only_connection(session):
        _set_linked(session, object_type, record_ids, is_linked=True)


def mark_unlinked(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """These records have one link less."""
    if record_ids:
        _set_linked(session, object_type, record_ids, is_linked=False)


def mark_all_unlinked(session: Session) -> None:
    """There is a connection in which no record is linked yet."""
    for object_type in OBJECT_TYPES:
        table = TABLES[object_type]
        session.execute(update(table).where(table.is_linked.is_(True)).values(is_linked=False))


def _set_linked(
    session: Session, object_type: ObjectType, record_ids: Sequence[int], *, is_linked: bool
) -> None:
    dialect = dialect_of(session)
    parameters = {"record_ids": parameter(dialect, sorted(record_ids)), "is_linked": is_linked}
    session.connection().execute(_statement(dialect, object_type), parameters)


@cache
def _statement(dialect: str, object_type: ObjectType) -> Update:
    table: Any = TABLES[object_type].__table__
    statement = table.update().where(listed(dialect, table.c.id, "record_ids"))
    return statement.values(is_linked=bindparam("is_linked"))  # type: ignore[no-any-return]


@cache
def _connections() -> Select[int]:
    table: Any = Connection.__table__
    return select(func.count(table.c.id))
