"""The mapping of a connection, between its tables and the domain's plain values."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.fields import OBJECT_TYPES, ObjectType
from webapp.domain.mapping import (
    DEFAULT_FIELD_MAPPINGS,
    DEFAULT_STATUS_IN,
    DEFAULT_STATUS_OUT,
    FieldMap,
    Mapping,
)
from webapp.models import Connection, FieldMapping, StatusMapping


def load(session: Session, connection_id: int, object_type: ObjectType) -> Mapping:
    """The whole mapping of one object type."""
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
    return Mapping(
        object_type=object_type,
        has_key=connection is not None and connection.key_properties.get(object_type) == "ready",
        fields=tuple(
            FieldMap(row.field, row.property, row.direction, row.blank_policy, row.is_fixed)  # type: ignore[arg-type]
            for row in fields
        ),
        status_in={row.from_value: row.to_value for row in statuses if row.direction == "in"},
        status_out={row.from_value: row.to_value for row in statuses if row.direction == "out"},
    )


def add_defaults(session: Session, connection_id: int) -> None:
    """Give a new connection the mapping that most portals need."""
    for object_type in OBJECT_TYPES:
        session.add_all(_fields(connection_id, object_type))
        session.add_all(_statuses(connection_id, object_type, "in", DEFAULT_STATUS_IN))
        session.add_all(_statuses(connection_id, object_type, "out", DEFAULT_STATUS_OUT))


def _fields(connection_id: int, object_type: ObjectType) -> list[FieldMapping]:
    return [
        FieldMapping(
            connection_id=connection_id,
            object_type=object_type,
            field=item.field,
            property=item.property,
            direction=item.direction,
            blank_policy=item.blank_policy,
            is_fixed=item.is_fixed,
        )
        for item in DEFAULT_FIELD_MAPPINGS[object_type]
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
