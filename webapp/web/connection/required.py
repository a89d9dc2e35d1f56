"""The connection that a page cannot do without."""

from webapp.errors import RefusedError
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.web.services import page_session


def require_connection() -> Connection:
    """The connection to HubSpot, whether it works or fails.

    Raises:
        RefusedError: `not_connected`, shown as a page with that text.
    """
    connection = connections.current(page_session())
    if connection is None:
        raise RefusedError("not_connected")
    return connection
