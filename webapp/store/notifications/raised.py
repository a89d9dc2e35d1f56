"""Lasting troubles that a mail went out about: begun and ended in the transaction that writes the mails."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.notifications.moments import step
from webapp.models import Connection, Mail, RaisedNotification
from webapp.store.database.bulk import replace_rows

EVERYBODY = 0
"""In place of a person's number, where a state is the same for all."""
_COLUMNS = ("connection_id", "kind", "user_id", "raised_at")


def take_turn(session: Session, connection_id: int) -> None:
    """Let nobody else change what is raised until the commit, so that no mail goes out twice."""
    session.execute(select(Connection.id).where(Connection.id == connection_id).with_for_update())


def of_kind(session: Session, connection_id: int, kind: str) -> dict[int, datetime]:
    """A trouble that was raised: its kind, and since when."""
    query = select(RaisedNotification.user_id, RaisedNotification.raised_at).where(
        RaisedNotification.connection_id == connection_id, RaisedNotification.kind == kind
    )
    return {row.user_id: row.raised_at for row in session.execute(query)}


def move(
    session: Session, connection_id: int, kind: str, now: datetime, *, is_so: bool, user_id: int = EVERYBODY
) -> bool:
    """Take up that a state is so, or is not any more. Whether that is news that deserves a mail."""
    is_raised = user_id in of_kind(session, connection_id, kind)
    taken = step(is_raised=is_raised, is_so=is_so)
    if taken == "raise":
        mark(session, connection_id, kind, now, user_id=user_id)
    elif taken == "clear":
        _clear(session, connection_id, kind, user_id)
    return taken == "raise"


def mark(session: Session, connection_id: int, kind: str, now: datetime, *, user_id: int) -> None:
    """Keep that it was mailed now."""
    table: Any = RaisedNotification.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], [(connection_id, kind, user_id, now)])


def forget(session: Session, user_id: int, kinds: Sequence[str]) -> None:
    """Forget what was mailed to a person about kinds that they do not want any more."""
    session.execute(
        delete(RaisedNotification)
        .where(RaisedNotification.user_id == user_id, RaisedNotification.kind.in_(kinds))
        .execution_options(synchronize_session=False)
    )


def add_mails(
    session: Session, kind: str, addresses: Iterable[str], params: dict[str, Any], now: datetime
) -> None:
    """Add a mail for each address that says the same."""
    session.add_all(
        Mail(recipient=one, notification=kind, params=params, state="waiting", attempts=0, created_at=now)
        for one in addresses
    )


def _clear(session: Session, connection_id: int, kind: str, user_id: int) -> None:
    session.execute(
        delete(RaisedNotification)
        .where(
            RaisedNotification.connection_id == connection_id,
            RaisedNotification.kind == kind,
            RaisedNotification.user_id == user_id,
        )
        .execution_options(synchronize_session=False)
    )
