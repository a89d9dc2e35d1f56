"""Everyone who is not linked, for rules to be tried on: records here, objects seen in HubSpot."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from webapp.domain.fields import CUSTOM, FIELDS_BY_NAME, ObjectType
from webapp.domain.naming import record_name
from webapp.models import Link, RemoteObject
from webapp.store.facts import TABLES

_AT_ONCE = 2_000


def count_linked(session: Session, connection_id: int, object_type: ObjectType) -> int:
    """How many records have a link."""
    query = select(func.count()).where(Link.connection_id == connection_id, Link.object_type == object_type)
    return session.scalar(query.select_from(Link)) or 0


def records(
    session: Session, connection_id: int, object_type: ObjectType
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name and field values of each active record without a link, a contact's company by its number."""
    table: Any = TABLES[object_type].__table__
    names = list(FIELDS_BY_NAME[object_type])
    linked = select(Link.record_id).where(
        Link.connection_id == connection_id, Link.object_type == object_type
    )
    query = select(*(table.c[name] for name in names), table.c.custom).where(
        table.c.is_active.is_(True), table.c.id.not_in(linked)
    )
    for *values, custom in session.execute(query.order_by(table.c.id)).yield_per(_AT_ONCE):
        found = dict(zip(names, values, strict=True))
        found |= {f"{CUSTOM}{name}": value for name, value in (custom or {}).items()}
        yield record_name(object_type, found), found


def objects(
    session: Session, connection_id: int, object_type: ObjectType
) -> Iterator[tuple[str, dict[str, str | None], int | None]]:
    """Each object that was left out: name, HubSpot's texts by our fields' names, and its company here."""
    is_company = and_(
        Link.connection_id == connection_id,
        Link.object_type == "companies",
        Link.remote_id == RemoteObject.company_remote_id,
    )
    query = (
        select(RemoteObject.display_name, RemoteObject.properties, Link.record_id)
        .outerjoin(Link, is_company)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            RemoteObject.state != "ignored",
        )
    )
    yield from (tuple(row) for row in session.execute(query.order_by(RemoteObject.id)).yield_per(_AT_ONCE))
