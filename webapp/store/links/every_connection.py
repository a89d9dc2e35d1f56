"""Links of records whichever portal they lead to."""

from sqlalchemy import ColumnElement, and_, select

from webapp.domain.records.fields import ObjectType
from webapp.models import Connection, Link


def in_every_connection(object_type: ObjectType) -> ColumnElement[bool]:
    """Whether a link is of this type, said so that the indexes are used, which begin with the connection.

    Without a connection PostgreSQL would read all links.
    """
    return and_(Link.connection_id.in_(select(Connection.id)), Link.object_type == object_type)
