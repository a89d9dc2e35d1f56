"""A portal's properties as last read, kept with their age and with what went wrong since."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.mapping.definitions import Definitions
from webapp.domain.mapping.redefined import compared, looked_at
from webapp.domain.records.fields import ObjectType
from webapp.models import FieldMapping, PropertyCache


class Cached(Struct, frozen=True):
    """What is known: the definitions, when they were read, and why reading them again failed, if it did."""

    definitions: Definitions = Definitions()
    read_at: datetime | None = None
    error: str | None = None
    tried_at: datetime | None = None


def load(session: Session, connection_id: int, object_type: ObjectType) -> Cached:
    """What is known of an object type; empty when nothing has been read yet."""
    row = session.get(PropertyCache, (connection_id, object_type), populate_existing=True)
    if row is None:
        return Cached()
    return Cached(msgspec.convert(row.definitions, Definitions), row.read_at, row.error, row.tried_at)


def keep(
    session: Session, connection_id: int, object_type: ObjectType, found: Definitions, now: datetime
) -> None:
    """Put what was read in the place of what was known, with what has changed since."""
    mapped = select(FieldMapping.property).where(
        FieldMapping.connection_id == connection_id, FieldMapping.object_type == object_type
    )
    names = set(session.scalars(mapped))
    row = _row(session, connection_id, object_type)
    known = compared(msgspec.convert(row.definitions, Definitions), found, names)
    row.definitions, row.read_at, row.error, row.tried_at = msgspec.to_builtins(known), now, None, now
    session.flush()


def look_at(session: Session, connection_id: int, object_type: ObjectType, names: Collection[str]) -> None:
    """A person has looked at what changed about these properties."""
    row = _row(session, connection_id, object_type)
    known = msgspec.convert(row.definitions, Definitions)
    if any(one.property in names for one in known.redefinitions):
        row.definitions = msgspec.to_builtins(looked_at(known, names))
        session.flush()


def record_failure(
    session: Session, connection_id: int, object_type: ObjectType, error: str, now: datetime
) -> None:
    """Say why reading failed; what was known stays."""
    row = _row(session, connection_id, object_type)
    row.error, row.tried_at = error, now
    session.flush()


def _row(session: Session, connection_id: int, object_type: ObjectType) -> PropertyCache:
    row = session.get(PropertyCache, (connection_id, object_type))
    if row is None:
        row = PropertyCache(connection_id=connection_id, object_type=object_type, definitions={})
        session.add(row)
    return row
