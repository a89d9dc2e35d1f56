"""A portal's properties as last read, kept with their age and with what went wrong since."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.mapping.definitions import Definitions
from webapp.domain.mapping.redefined import compared, looked_at
from webapp.domain.records.fields import ObjectType
from webapp.models import FieldMapping, PropertyCache
from webapp.store.database.bulk import insert_missing_rows

_NEW = ("connection_id", "object_type", "definitions", "tried_at")


class Cached(Struct, frozen=True):
    """The stored definitions, when they were read, and why the latest attempt failed, if it did."""

    definitions: Definitions = Definitions()
    read_at: datetime | None = None
    error: str | None = None
    tried_at: datetime | None = None


def load(session: Session, connection_id: int, object_type: ObjectType) -> Cached:
    """The stored definitions of an object type; empty before the first reading."""
    row = session.get(PropertyCache, (connection_id, object_type), populate_existing=True)
    if row is None:
        return Cached()
    return Cached(msgspec.convert(row.definitions, Definitions), row.read_at, row.error, row.tried_at)


def keep(
    session: Session, connection_id: int, object_type: ObjectType, found: Definitions, now: datetime
) -> None:
    """Replace the stored definitions by newly read ones, and keep their changes."""
    mapped = select(FieldMapping.property).where(
        FieldMapping.connection_id == connection_id, FieldMapping.object_type == object_type
    )
    names = set(session.scalars(mapped))
    row = _row(session, connection_id, object_type, now)
    known = compared(msgspec.convert(row.definitions, Definitions), found, names)
    row.definitions, row.read_at, row.error, row.tried_at = msgspec.to_builtins(known), now, None, now
    session.flush()


def look_at(session: Session, connection_id: int, object_type: ObjectType, names: Collection[str]) -> None:
    """Forget changes of properties that a person has seen."""
    row = session.get(PropertyCache, (connection_id, object_type), with_for_update=True)
    known = msgspec.convert(row.definitions, Definitions) if row is not None else Definitions()
    if row is not None and any(one.property in names for one in known.redefinitions):
        row.definitions = msgspec.to_builtins(looked_at(known, names))
        session.flush()


def record_failure(
    session: Session, connection_id: int, object_type: ObjectType, error: str, now: datetime
) -> None:
    """Store why reading failed; the definitions stay."""
    row = _row(session, connection_id, object_type, now)
    row.error, row.tried_at = error, now
    session.flush()


def _row(session: Session, connection_id: int, object_type: ObjectType, now: datetime) -> PropertyCache:
    """The locked row, created if missing, since other workers may read at the same time."""
    key = (connection_id, object_type)
    table: Any = PropertyCache.__table__
    insert_missing_rows(session, table, _NEW, [(*key, {}, now)])
    return session.get_one(PropertyCache, key, populate_existing=True, with_for_update=True)
