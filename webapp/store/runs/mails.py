"""Mails about a push's end: written with the end itself, claimed before each try."""

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.runs.kinds import kind_of
from webapp.models import Mail, Run, User

__all__ = ["Mail", "add_for_push", "claim", "due", "get", "of_run", "record_outcome"]


def add_for_push(session: Session, run_id: int, now: datetime) -> None:
    """Add the mail of a push that has just ended, for who started it, else for the first administrator.

    Other kinds of runs send none, and neither does an installation without anybody to read it.
    """
    run = session.get_one(Run, run_id)
    is_mailed = kind_of(run.kind).sends_mail and not run.is_preview
    recipient = _recipient(session, run) if is_mailed else None
    if recipient is not None:
        session.add(Mail(run_id=run_id, recipient=recipient, state="waiting", attempts=0, created_at=now))


def _recipient(session: Session, run: Run) -> str | None:
    starter = session.get(User, run.started_by_id) if run.started_by_id else None
    if starter is not None and starter.is_active:
        return starter.email
    administrators = (
        select(User.email)
        .where(User.is_active.is_(True), User.role == "administrator")
        .order_by(User.id)
        .limit(1)
    )
    return session.scalar(administrators)


def due(session: Session, now: datetime) -> list[int]:
    """The mails whose time has come."""
    return list(session.scalars(select(Mail.id).where(*_is_due(now)).order_by(Mail.id)))


def claim(session: Session, mail_id: int, now: datetime, *, next_try: datetime) -> bool:
    """Take a mail for one try, False when another worker has; one that dies leaves it to the next."""
    return _changed(session, mail_id, *_is_due(now), attempts=Mail.attempts + 1, not_before=next_try)


def record_outcome(session: Session, mail_id: int, **values: Any) -> None:
    """Write down how a try ended."""
    _changed(session, mail_id, **values)


def get(session: Session, mail_id: int) -> Mail | None:
    """One mail, read afresh."""
    return session.get(Mail, mail_id, populate_existing=True)


def of_run(session: Session, run_id: int) -> Mail | None:
    """The mail about a run, if it has one."""
    return session.scalars(select(Mail).where(Mail.run_id == run_id)).first()


def _is_due(now: datetime) -> tuple[Any, ...]:
    return (Mail.state == "waiting", or_(Mail.not_before.is_(None), Mail.not_before <= now))


def _changed(session: Session, mail_id: int, *conditions: Any, **values: Any) -> bool:
    statement = update(Mail).where(Mail.id == mail_id, *conditions).values(values)
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
