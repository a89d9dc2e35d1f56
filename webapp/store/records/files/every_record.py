"""Every record, one after the other, for files."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, null, select, true
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Connection, Link
from webapp.store.database.lists import among
from webapp.store.records.listing.lists import Question, narrowed
from webapp.store.records.records import TABLES, Record

_PAGE_SIZE = 500

Exported = tuple[Record, str | None]
"""A record with the id of its HubSpot object."""


def all_records(session: Session, object_type: ObjectType) -> Iterator[Exported]:
    """Every record with the id of its HubSpot object, by number, read a few hundred at a time."""
    last = 0
    while True:
        rows = _some(session, _with_objects(object_type), object_type, after_id=last, limit=_PAGE_SIZE)
        yield from rows
        if len(rows) < _PAGE_SIZE:
            return
        last = rows[-1][0].id
        session.expunge_all()


def listed(
    session: Session, object_type: ObjectType, question: Question, *, after_id: int, limit: int
) -> list[Exported]:
    """The next records of a list with the ids of their HubSpot objects, by number."""
    query = narrowed(session, object_type, question, _with_objects(object_type))
    return _some(session, query, object_type, after_id=after_id, limit=limit)


def numbered(session: Session, object_type: ObjectType, ids: Sequence[int]) -> list[Exported]:
    """Some records with the ids of their HubSpot objects, by number."""
    table: Any = TABLES[object_type]
    query = _with_objects(object_type).where(among(session, table.id, ids))
    return _some(session, query, object_type, after_id=0, limit=len(ids))


def _some(
    session: Session, query: Select[Any], object_type: ObjectType, *, after_id: int, limit: int
) -> list[Exported]:
    table: Any = TABLES[object_type]
    rows = session.execute(query.where(table.id > after_id).order_by(table.id).limit(limit))
    return [(record, remote_id) for record, remote_id in rows]


def _with_objects(object_type: ObjectType) -> Select[Any]:
    table: Any = TABLES[object_type]
    return select(table, Link.remote_id).outerjoin(
        Link,
        and_(
            Link.connection_id == _current_connection().scalar_subquery(),
            Link.object_type == object_type,
            Link.record_id == table.id,
            Link.state == "linked",
        ),
    )


def custom_names(session: Session, object_type: ObjectType) -> list[str]:
    """The names of every custom field that any record has, in order."""
    table = TABLES[object_type]
    if session.get_bind().dialect.name == "sqlite":
        keys = func.json_each(table.custom).table_valued("key")
        query = select(keys.c.key).select_from(table).join(keys, true()).distinct()
    else:
        query = select(func.jsonb_object_keys(table.custom)).distinct()
    return sorted(session.scalars(query.where(table.custom.is_not(null()))))


def _current_connection() -> Select[int]:
    return select(Connection.id).where(Connection.state != "disconnected").limit(1)
