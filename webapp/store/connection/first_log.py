"""The log from before HubSpot was connected for the first time.

Every run belongs to a connection. What is done here before there is one stands under a row without a portal,
which the first portal that is connected takes over: an undo then sees the links that were made since.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.store.connection import connections
from webapp.store.connection.connections import DISCONNECTED, NO_PORTAL, Connection
from webapp.store.mapping import mappings


def owner(session: Session) -> Connection:
    """The connection whose log has the work on this side, working or not; created if there is none.

    Args:
        session: A writing transaction.
    """
    found = _known(session)
    if found is None:
        connections.hold(session)
        found = _known(session) or _added(session)
    return found


def owner_id(session: Session) -> int:
    """Its number, for who only looks; 0 where it will be made."""
    found = _known(session)
    return found.id if found is not None else 0


def _known(session: Session) -> Connection | None:
    without_portal = select(Connection).where(Connection.portal_id == NO_PORTAL)
    return connections.latest(session) or session.scalars(without_portal).first()


def _added(session: Session) -> Connection:
    row = Connection(
        portal_id=NO_PORTAL,
        kind="token",
        state=DISCONNECTED,
        portal={},
        scopes=[],
        connected_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    mappings.add_defaults(session, row.id)
    return row
