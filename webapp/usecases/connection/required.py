"""The connection that a use case cannot do without."""

from sqlalchemy.orm import Session

from webapp.errors import RefusedError
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection


def require_connection(session: Session) -> Connection:
    """The connection to HubSpot, whether it works or fails.

    Raises:
        RefusedError: `not_connected`.
    """
    connection = connections.current(session)
    if connection is None:
        raise RefusedError("not_connected")
    return connection


def require_working(session: Session) -> Connection:
    """The connection to HubSpot, which has to work.

    Raises:
        RefusedError: `not_connected`.
    """
    connection = require_connection(session)
    if connection.state != connections.CONNECTED:
        raise RefusedError("not_connected")
    return connection
