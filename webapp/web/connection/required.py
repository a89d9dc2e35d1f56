"""The connection that a page cannot do without."""

from webapp.errors import RefusedError
from webapp.extensions import db
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.web.connection.words import NOT_CONNECTED


def require_connection() -> Connection:
    """The connection to HubSpot, whether it works or fails.

    Raises:
        RefusedError: `not_connected`, shown as a page that says so.
    """
    connection = connections.current(db.session())
    if connection is None:
        raise RefusedError("not_connected", NOT_CONNECTED)
    return connection
