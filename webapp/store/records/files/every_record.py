"""Every record, one after the other, for files."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, func, null, select, true
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Connection, Link
from webapp.store.records.records import TABLES, Record

_PAGE_SIZE = 500


def all_records(session: Session, object_type: ObjectType) -> Iterator[tuple[Record, str | None]]:
    """Every record with the id of its HubSpot object, by number, read a few hundred at a time."""
    table: Any = TABLES[object_type]
    last = 0
    while True:
        query = (
            select(table, Link.remote_id)
            .outerjoin(
                Link,
                and_(
                    Link.connection_id == _current_connection().scalar_subquery(),
                    Link.object_type == object_type,
                    Link.record_id == table.id,
                    Link.state == "linked",
                ),
            )
            .where(table.id > last)
            .order_by(table.id)
            .limit(_PAGE_SIZE)
        )
        rows = session.execute(query).all()
        yield from ((record, remote_id) for record, remote_id in rows)
        if len(rows) < _PAGE_SIZE:
            return
        last = rows[-1][0].id
        session.expunge_all()


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
