"""The connection that a page cannot do without."""

from webapp.store.connection.connections import Connection
from webapp.usecases.connection import required
from webapp.web.services import page_session


def require_connection() -> Connection:
    """The connection to HubSpot, whether it works or fails.

    Raises:
        RefusedError: `not_connected`, shown as a page with that text.
    """
    return required.require_connection(page_session())
