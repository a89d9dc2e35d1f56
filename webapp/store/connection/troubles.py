"""Account troubles that keep a portal from being synced: begun, probed by one process at a time, ended."""

from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from webapp.domain.runs.account_trouble import Trouble, after_try, met
from webapp.errors import Problem
from webapp.models import Connection
from webapp.store.connection.connections import CONNECTED, DISCONNECTED
from webapp.store.notifications import mails
from webapp.store.runs import runs


def record(session: Session, connection_id: int, problem: Problem, now: datetime) -> bool:
    """A call has met trouble of the account; its administrators get a mail where that is news. True if so."""
    row = _locked(session, connection_id)
    if row is None or row.state == DISCONNECTED:
        return False
    trouble, is_news = met(latest(row), problem.code, now)
    _write(row, trouble)
    row.trouble_text = problem.stored()
    if is_news:
        mails.add_for_connection(session, problem, now)
    return is_news


def claim_probe(session: Session, connection_id: int, now: datetime) -> bool:
    """Take the turn to look whether the trouble has ended. False when another one has, or it is too early."""
    row = _locked(session, connection_id)
    trouble = lasting(row)
    if row is None or trouble is None or trouble.probe_at > now:
        return False
    _write(row, after_try(trouble, now))
    return True


def end(session: Session, connection_id: int, now: datetime) -> bool:
    """The trouble has ended: what waits goes on now. False when there was none."""
    statement = (
        update(Connection)
        .where(Connection.id == connection_id, Connection.trouble.is_not(None))
        .where(Connection.trouble_ended_at.is_(None))
        .values(trouble_ended_at=now)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    has_ended = isinstance(result, CursorResult) and result.rowcount == 1
    if has_ended:
        runs.end_waits_for_mending(session, connection_id, now)
    return has_ended


def unprobed(session: Session, since: datetime) -> list[int]:
    """The connections whose trouble should have been probed by then; no run of theirs has done so."""
    query = select(Connection.id).where(
        Connection.trouble.is_not(None),
        Connection.trouble_ended_at.is_(None),
        Connection.probe_at <= since,
        Connection.state == CONNECTED,
    )
    return list(session.scalars(query))


def latest(row: Connection) -> Trouble | None:
    """The latest trouble of an account, whether it lasts or has ended."""
    if row.trouble is None or row.trouble_since is None or row.probe_at is None:
        return None
    return Trouble(
        code=row.trouble,
        since=row.trouble_since,
        attempts=row.trouble_attempts,
        probe_at=row.probe_at,
        ended_at=row.trouble_ended_at,
    )


def lasting(row: Connection | None) -> Trouble | None:
    """The trouble that keeps an account from being synced now; None where it can be."""
    trouble = latest(row) if row is not None and row.state != DISCONNECTED else None
    return trouble if trouble is not None and trouble.ended_at is None else None


def _locked(session: Session, connection_id: int) -> Connection | None:
    query = select(Connection).where(Connection.id == connection_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _write(row: Connection, trouble: Trouble) -> None:
    row.trouble, row.trouble_since = trouble.code, trouble.since
    row.trouble_attempts, row.probe_at = trouble.attempts, trouble.probe_at
    row.trouble_ended_at = trouble.ended_at
