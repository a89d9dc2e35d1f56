"""Moments of the future that a clock which was ahead has written: what goes by them would stand still."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Update, exists, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.models import Connection, CreationCheck, InboxEvent, LoginSession, Mail, Run
from webapp.store.runs.mass_change import WAITING_FOR as APPROVAL

_Column = InstrumentedAttribute[Any]

_OPEN = Run.state == "running"
_UNSENT = Mail.state == "waiting"

_HAPPENED: dict[_Column, ColumnElement[bool] | None] = {
    Connection.reconciled_at: None,
    Connection.compared_at: None,
    Run.touched_at: _OPEN,
    Mail.created_at: _UNSENT,
    InboxEvent.received_at: None,
    CreationCheck.announced_at: None,
    # Nobody is logged out by this, and nobody stays so for as long as the clock was ahead.
    LoginSession.began_at: None,
    LoginSession.seen_at: None,
}
"""What is over by the time at which it is written, of the rows that are waited for or last by it."""

_TO_COME: dict[_Column, ColumnElement[bool] | None] = {
    Connection.probe_at: None,
    Run.not_before: _OPEN & Run.waiting_for.is_distinct_from(APPROVAL),
    Run.waiting_since: _OPEN,
    Mail.not_before: _UNSENT,
    InboxEvent.not_before: None,
    CreationCheck.not_before: None,
}
"""When something is tried again; too early does no harm."""


def any_beyond(session: Session, until: datetime) -> bool:
    """Whether anything has happened later than a moment that is still to come."""
    found = [exists().where(column > until, *_only(which)) for column, which in _HAPPENED.items()]
    return any(session.scalar(select(one)) for one in found)


def bring_back(session: Session, now: datetime) -> int:
    """Have nothing wait by what lies ahead; how many rows were changed."""
    results = [session.execute(one) for one in _changes(now)]
    return sum(one.rowcount for one in results if isinstance(one, CursorResult))


def _changes(now: datetime) -> list[Update]:
    return [
        update(column.class_)
        .where(column > now, *_only(which))
        .values({column: now})
        .execution_options(synchronize_session=False)
        for column, which in (_HAPPENED | _TO_COME).items()
    ]


def _only(which: ColumnElement[bool] | None) -> tuple[ColumnElement[bool], ...]:
    return () if which is None else (which,)
