"""How often a field has each value, among the records here and the objects that pulls have left out."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, ObjectType
from webapp.models import RemoteObject
from webapp.store.records.records import TABLES

SAMPLE = 20_000
"""Of very many records only the newest are counted, so that nobody waits."""


def of_records(session: Session, object_type: ObjectType, name: str) -> list[tuple[Any, int]]:
    """The values of a field among active records here, the most frequent ones first."""
    table: Any = TABLES[object_type].__table__
    is_custom = name.startswith(CUSTOM)
    value = table.c.custom[name.removeprefix(CUSTOM)].as_string() if is_custom else table.c[name]
    query = select(value.label("value")).where(table.c.is_active.is_(True)).order_by(table.c.id.desc())
    return _counted(session, query)


def of_objects(
    session: Session, connection_id: int, object_type: ObjectType, name: str
) -> list[tuple[Any, int]]:
    """HubSpot's texts of a field among the objects that pulls have left out, the most frequent ones first."""
    query = (
        select(RemoteObject.properties[name].as_string().label("value"))
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            RemoteObject.state != "ignored",
        )
        .order_by(RemoteObject.id.desc())
    )
    return _counted(session, query)


def are_all_records(session: Session, object_type: ObjectType) -> bool:
    """Whether all records of an object type are few enough to be counted."""
    table: Any = TABLES[object_type].__table__
    return _are_few(session, select(table.c.id))


def are_all_objects(session: Session, connection_id: int, object_type: ObjectType) -> bool:
    """Whether the objects that pulls have left out are."""
    is_meant = (RemoteObject.connection_id == connection_id, RemoteObject.object_type == object_type)
    return _are_few(session, select(RemoteObject.id).where(*is_meant))


def _are_few(session: Session, query: Select[Any]) -> bool:
    some = query.limit(SAMPLE + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= SAMPLE


def _counted(session: Session, query: Select[Any]) -> list[tuple[Any, int]]:
    sample = query.limit(SAMPLE).subquery()
    value: ColumnElement[Any] = sample.c.value
    counted = (
        select(value, func.count())
        .where(value.is_not(None), value != "")
        .group_by(value)
        .order_by(func.count().desc(), value)
    )
    return [(found, count) for found, count in session.execute(counted)]
