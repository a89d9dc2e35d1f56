"""The mapping of a connection, between its tables and the domain's plain values."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import (
    DEFAULT_FIELD_MAPPINGS,
    DEFAULT_STATUS_IN,
    DEFAULT_STATUS_OUT,
    FieldMap,
    Mapping,
)
from webapp.domain.mapping.recheck import laid_over
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Connection, FieldMapping, Link, StatusMapping
from webapp.store.database.lists import dialect_of
from webapp.store.mapping import definitions
from webapp.store.records import custom_fields


def load(session: Session, connection_id: int, object_type: ObjectType) -> Mapping:
    """The whole mapping of one object type, as far as HubSpot's definitions let it work."""
    fields = session.scalars(
        select(FieldMapping)
        .where(FieldMapping.connection_id == connection_id, FieldMapping.object_type == object_type)
        .order_by(FieldMapping.id)
    )
    statuses = session.scalars(
        select(StatusMapping)
        .where(StatusMapping.connection_id == connection_id, StatusMapping.object_type == object_type)
        .order_by(StatusMapping.id)
    ).all()
    connection = session.get(Connection, connection_id)
    custom = custom_fields.every(session, object_type)
    retired = {one.field.name for one in custom if one.is_retired}
    mapping = Mapping(
        object_type=object_type,
        has_key=connection is not None and connection.key_properties.get(object_type) == "ready",
        fields=tuple(
            FieldMap(
                row.field,
                row.property,
                row.direction,  # type: ignore[arg-type]
                row.blank_policy,  # type: ignore[arg-type]
                row.is_fixed,
                row.options,
                row.knows_blanks,
            )
            for row in fields
            if row.field not in retired
        ),
        status_in={row.from_value: row.to_value for row in statuses if row.direction == "in"},
        status_out={row.from_value: row.to_value for row in statuses if row.direction == "out"},
        custom=tuple(one.field for one in custom if not one.is_retired),
    )
    return laid_over(mapping, definitions.load(session, connection_id, object_type).definitions)


def add_defaults(session: Session, connection_id: int) -> None:
    """Give a new connection the mapping that most portals need."""
    for object_type in OBJECT_TYPES:
        session.add_all(_fields(connection_id, object_type, DEFAULT_FIELD_MAPPINGS[object_type]))
        session.add_all(_statuses(connection_id, object_type, "in", DEFAULT_STATUS_IN))
        session.add_all(_statuses(connection_id, object_type, "out", DEFAULT_STATUS_OUT))


def is_clearing(session: Session, connection_id: int) -> bool:
    """Whether a blank in HubSpot clears any field here."""
    query = select(FieldMapping.id).where(
        FieldMapping.connection_id == connection_id,
        FieldMapping.blank_policy == "clear",
        FieldMapping.direction.in_(("both", "in")),
    )
    return session.scalar(query.limit(1)) is not None


def version(session: Session, connection_id: int) -> int:
    """The version of the mapping; a change names the version that it was made from."""
    found = session.scalar(select(Connection.mapping_version).where(Connection.id == connection_id))
    return found or 0


def raise_version(session: Session, connection_id: int, made_from: int) -> bool:
    """Claim the next version; False when somebody else has changed the mapping since."""
    raised = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.mapping_version == made_from)
        .values(mapping_version=made_from + 1)
        .execution_options(synchronize_session=False)
    )
    return isinstance(raised, CursorResult) and raised.rowcount == 1


def replace_fields(
    session: Session, connection_id: int, object_type: ObjectType, fields: Sequence[FieldMap]
) -> None:
    """Put these field mappings in the place of all others."""
    session.execute(
        delete(FieldMapping).where(
            FieldMapping.connection_id == connection_id, FieldMapping.object_type == object_type
        )
    )
    session.add_all(_fields(connection_id, object_type, fields))
    session.flush()


def replace_statuses(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    status_in: dict[str, str],
    status_out: dict[str, str],
) -> None:
    """Put these status tables in the place of the present ones."""
    session.execute(
        delete(StatusMapping).where(
            StatusMapping.connection_id == connection_id, StatusMapping.object_type == object_type
        )
    )
    session.add_all(_statuses(connection_id, object_type, "in", status_in))
    session.add_all(_statuses(connection_id, object_type, "out", status_out))
    session.flush()


def forget_base(session: Session, connection_id: int, object_type: ObjectType, field: str) -> None:
    """Remove a field that means another property now from the bases of all links."""
    seen = (Link.local_seen, Link.remote_seen)
    if dialect_of(session) == "sqlite":
        path = f'$."{field}"'
        is_kept: list[Any] = [func.json_type(column, path).is_not(None) for column in seen]
        without: list[Any] = [func.json_remove(column, path) for column in seen]
    else:
        is_kept = [column.op("?")(field) for column in seen]
        without = [column.op("-")(field) for column in seen]
    session.execute(
        update(Link)
        .where(Link.connection_id == connection_id, Link.object_type == object_type, or_(*is_kept))
        .values(local_seen=without[0], remote_seen=without[1])
        .execution_options(synchronize_session=False)
    )


def _fields(connection_id: int, object_type: ObjectType, fields: Sequence[FieldMap]) -> list[FieldMapping]:
    return [
        FieldMapping(
            connection_id=connection_id,
            object_type=object_type,
            field=item.field,
            property=item.property,
            direction=item.direction,
            blank_policy=item.blank_policy,
            is_fixed=item.is_fixed,
            options=item.options,
            knows_blanks=item.knows_blanks,
        )
        for item in fields
    ]


def _statuses(
    connection_id: int, object_type: ObjectType, direction: str, table: dict[str, str]
) -> list[StatusMapping]:
    return [
        StatusMapping(
            connection_id=connection_id,
            object_type=object_type,
            direction=direction,
            from_value=from_value,
            to_value=to_value,
        )
        for from_value, to_value in table.items()
    ]
