"""Rows of records whichever portal they lead to."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select

from webapp.domain.records.fields import ObjectType
from webapp.models import Connection, Link


def in_every_connection(object_type: ObjectType, table: Any = Link) -> ColumnElement[bool]:
    """Whether a link, or a row of another table, is of this type: said so that the indexes are used.

    They begin with the connection; without one all rows would be read.
    """
    return and_(table.connection_id.in_(select(Connection.id)), table.object_type == object_type)
