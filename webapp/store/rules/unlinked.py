"""Everyone who is not linked, for rules to be tried on: records here, objects seen in HubSpot."""

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, FIELDS_BY_NAME, ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import Link, RemoteObject
from webapp.store.records.records import TABLES

_BATCH_SIZE = 2_000


class Unlinked(Struct, frozen=True):
    """One that is not linked.

    Attributes:
        id: its row's number.
        values: of a record its values, of an object HubSpot's texts, by our fields' names.
        company_id: the company here of a contact, where there is one.
    """

    id: int
    name: str
    values: dict[str, Any]
    company_id: int | None


def count_linked(session: Session, connection_id: int, object_type: ObjectType) -> int:
    """How many records have a link."""
    query = select(func.count()).where(Link.connection_id == connection_id, Link.object_type == object_type)
    return session.scalar(query.select_from(Link)) or 0


def bounds(
    session: Session, connection_id: int, object_type: ObjectType, side: Literal["in", "out"]
) -> tuple[int, int, int]:
    """The lowest and highest number among the rows in question, and the largest possible number of rows."""
    if side == "out":
        row_id: Any = TABLES[object_type].id
        low, high, rows = session.execute(select(func.min(row_id), func.max(row_id), func.count())).one()
        return low or 0, high or 0, max(0, rows - count_linked(session, connection_id, object_type))
    of_connection = (RemoteObject.connection_id == connection_id, RemoteObject.object_type == object_type)
    query = select(func.min(RemoteObject.id), func.max(RemoteObject.id), func.count()).where(*of_connection)
    low, high, rows = session.execute(query).one()
    return low or 0, high or 0, rows


def some(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    side: Literal["in", "out"],
    *,
    after_id: int = 0,
    limit: int | None = None,
) -> Iterator[Unlinked]:
    """Those behind a row, in order: for a push active records without link, for a pull what was left out."""
    read = _records if side == "out" else _objects
    yield from read(session, connection_id, object_type, after_id, limit)


def _records(
    session: Session, connection_id: int, object_type: ObjectType, after_id: int, limit: int | None
) -> Iterator[Unlinked]:
    table: Any = TABLES[object_type].__table__
    names = list(FIELDS_BY_NAME[object_type])
    has_link = exists().where(
        Link.connection_id == connection_id, Link.object_type == object_type, Link.record_id == table.c.id
    )
    query = select(table.c.id, table.c.custom, *(table.c[name] for name in names)).where(
        table.c.is_active.is_(True), ~has_link, table.c.id > after_id
    )
    for number, custom, *values in _in_order(session, query, table.c.id, limit):
        found = dict(zip(names, values, strict=True))
        found |= {f"{CUSTOM}{name}": value for name, value in (custom or {}).items()}
        yield Unlinked(number, record_name(object_type, found), found, found.get("company_id"))


def _objects(
    session: Session, connection_id: int, object_type: ObjectType, after_id: int, limit: int | None
) -> Iterator[Unlinked]:
    is_company = and_(
        Link.connection_id == connection_id,
        Link.object_type == "companies",
        Link.remote_id == RemoteObject.company_remote_id,
    )
    columns = (RemoteObject.id, RemoteObject.display_name, RemoteObject.properties, Link.record_id)
    query = (
        select(*columns)
        .outerjoin(Link, is_company)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            RemoteObject.state != "ignored",
            RemoteObject.id > after_id,
        )
    )
    for row in _in_order(session, query, RemoteObject.id, limit):
        yield Unlinked(*row)


def _in_order(session: Session, query: Select[Any], row_id: Any, limit: int | None) -> Any:
    return session.execute(query.order_by(row_id).limit(limit)).yield_per(_BATCH_SIZE)
