"""The present connection, in a module with few imports, since every program reads it at its start."""

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from webapp.models import Connection as Connection  # noqa: PLC0414 - the layers above name the type from here
from webapp.store.database.one_row import changed_one

CONNECTED, FAILING, DISCONNECTED = "connected", "failing", "disconnected"
UNREADABLE = "unreadable_token"
"""The error of one whose token a process could not decrypt, as its ENCRYPTION_KEY was another one."""


def current(session: Session) -> Connection | None:
    """The connection that is not disconnected, if any, whether it works or fails."""
    return session.scalars(select(Connection).where(Connection.state != DISCONNECTED).limit(1)).first()


def mark_readable(session: Session, connection_id: int, error: str) -> bool:
    """Clear the error that tokens are unreadable; False if the connection has another error by now."""
    condition = and_(is_live(connection_id), Connection.error == error)
    return changed_one(
        session, Connection, condition, {"state": CONNECTED, "error": None, "error_text": None}
    )


def is_live(connection_id: int) -> ColumnElement[bool]:
    """A condition: the connection has this number and is not disconnected."""
    return and_(Connection.id == connection_id, Connection.state != DISCONNECTED)
