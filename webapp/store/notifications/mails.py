"""Mails about a push's end, notifications, and links: written with what they report, claimed before a try."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.notifications.kinds import LOST_CONNECTION
from webapp.domain.runs.kinds import kind_of
from webapp.errors import Problem
from webapp.models import Mail, Run, User
from webapp.store.notifications import choices

__all__ = [
    "Mail",
    "add_for_connection",
    "add_for_push",
    "add_with_link",
    "claim",
    "clear_sent_links",
    "count_given_up",
    "due",
    "get",
    "hand_over",
    "latest_to",
    "mark_uncertain",
    "of_run",
    "overdue",
    "record_outcome",
    "remove",
    "retry_all",
    "send_again",
    "take_back",
    "unsent",
]

_GIVEN_UP = ("failed", "uncertain")


def add_for_push(session: Session, run_id: int, now: datetime) -> None:
    """Add the mail of a push that has just ended, for who started it, else for the first administrator.

    Other kinds of runs send none, and neither does an installation without anybody to read it.
    """
    run = session.get_one(Run, run_id)
    is_mailed = kind_of(run.kind).sends_mail and not run.is_preview
    recipient = _recipient(session, run) if is_mailed else None
    if recipient is None:
        return
    before = of_run(session, run_id)
    if before is None:
        session.add(Mail(run_id=run_id, recipient=recipient, state="waiting", attempts=0, created_at=now))
        return
    # The run was continued after an end, and the mail reports the new one: under the Message-ID of the former
    # report, mailboxes would drop it.
    before.state, before.attempts, before.created_at = "waiting", 0, now
    before.not_before = before.sent_at = before.error_text = before.message_id = before.handed_at = None


def take_back(session: Session, run_id: int) -> None:
    """A run goes on: the mail about its end is none any more, unless the server may have it."""
    has_not_left = (Mail.run_id == run_id, _is_between_tries())
    session.execute(delete(Mail).where(*has_not_left).execution_options(synchronize_session=False))


def add_for_connection(session: Session, problem: Problem, now: datetime) -> None:
    """Add the mails, one for each person who wants them, that say why a connection stopped working."""
    session.add_all(
        Mail(
            recipient=one.email,
            notification=LOST_CONNECTION,
            problem=problem.stored(),
            state="waiting",
            attempts=0,
            created_at=now,
        )
        for one in choices.recipients(session, LOST_CONNECTION)
    )


def add_with_link(session: Session, recipient: str, purpose: str, now: datetime) -> int:
    """Add a mail that brings a link; its number. Whether anybody may have one is seen when it is sent."""
    mail = Mail(recipient=recipient, purpose=purpose, state="waiting", attempts=0, created_at=now)
    session.add(mail)
    session.flush()
    return mail.id


def remove(session: Session, mail_id: int, message_id: str) -> None:
    """Remove a mail that nobody is to get; not the one about a further end of its run."""
    is_same = (Mail.id == mail_id, Mail.message_id == message_id)
    session.execute(delete(Mail).where(*is_same).execution_options(synchronize_session=False))


def clear_sent_links(session: Session, before: datetime) -> None:
    """Clear away mails with links that were written before then and are not waiting any more."""
    is_old = (Mail.purpose.is_not(None), Mail.state != "waiting", Mail.created_at < before)
    session.execute(delete(Mail).where(*is_old).execution_options(synchronize_session=False))


def latest_to(session: Session, email: str) -> Mail | None:
    """The notification that was mailed last to an address."""
    are_for = Mail.recipient == email, Mail.notification.is_not(None)
    return session.scalars(select(Mail).where(*are_for).order_by(Mail.id.desc()).limit(1)).first()


def _recipient(session: Session, run: Run) -> str | None:
    starter = session.get(User, run.started_by_id) if run.started_by_id else None
    if starter is not None and starter.is_active:
        return starter.email
    return session.scalar(_administrators().limit(1))


def _administrators() -> Select[str]:
    """The addresses of those who can mend a connection; who was only invited cannot yet."""
    can_log_in = (User.is_active.is_(True), User.password_hash != "")
    return select(User.email).where(*can_log_in, User.role == "administrator").order_by(User.id)


def due(session: Session, now: datetime) -> list[int]:
    """The mails whose time has come."""
    return list(session.scalars(select(Mail.id).where(*_is_due(now)).order_by(Mail.id)))


def overdue(session: Session, since: datetime) -> Mail | None:
    """The oldest mail that waits since before this moment, if any."""
    query = select(Mail).where(Mail.state == "waiting", Mail.created_at < since)
    return session.scalars(query.order_by(Mail.id).limit(1)).first()


def claim(session: Session, mail_id: int, now: datetime, *, message_id: str, next_try: datetime) -> bool:
    """Take a mail for one try, False when another worker has; one that dies leaves it to the next.

    A mail that was handed over before, and whose answer nobody kept, is not taken.
    """
    conditions = (*_is_due(now), Mail.handed_at.is_(None))
    values: dict[str, Any] = {"attempts": Mail.attempts + 1, "not_before": next_try}
    return _changed(session, mail_id, *conditions, message_id=message_id, **values)


def hand_over(session: Session, mail_id: int, attempt: int, message_id: str, now: datetime) -> bool:
    """Keep that a try is about to end the mail's text; False when another try has begun since.

    A run that was continued may have ended again: another report is due then, under another `Message-ID`.
    """
    is_ours = (Mail.message_id == message_id, Mail.attempts == attempt)
    is_free = (Mail.state == "waiting", Mail.handed_at.is_(None))
    return _changed(session, mail_id, *is_ours, *is_free, handed_at=now)


def mark_uncertain(session: Session, mail_id: int, now: datetime) -> bool:
    """Give up a mail that was handed over and whose sender was killed; False when there is none such."""
    return _changed(session, mail_id, *_is_due(now), Mail.handed_at.is_not(None), state="uncertain")


def send_again(session: Session, mail_id: int, now: datetime) -> bool:
    """Let a mail that has not left for certain be tried at once, and for another day; False when it has.

    It keeps its `Message-ID`, so that it is seen once also where it has arrived.
    """
    is_unsent = or_(Mail.state.in_(_GIVEN_UP), _is_between_tries())
    return _changed(session, mail_id, is_unsent, handed_at=None, **_anew(now))


def retry_all(session: Session, now: datetime) -> int:
    """Let all mails that wait or failed be tried at once, and for another day; how many they are."""
    is_unsent = or_(Mail.state == "failed", _is_between_tries())
    statement = update(Mail).where(is_unsent).values(_anew(now))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return result.rowcount if isinstance(result, CursorResult) else 0


def unsent(session: Session, *, limit: int) -> list[Mail]:
    """The oldest mails that have not left, or of which that is uncertain."""
    query = select(Mail).where(Mail.state.in_(("waiting", *_GIVEN_UP))).order_by(Mail.id)
    return list(session.scalars(query.limit(limit)))


def count_given_up(session: Session, *, limit: int) -> int:
    """How many mails failed or are uncertain, none beyond the limit counted."""
    some = select(Mail.id).where(Mail.state.in_(_GIVEN_UP)).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _is_between_tries() -> ColumnElement[bool]:
    """Whether a mail waits, and no server is about to answer whether it has it."""
    return and_(Mail.state == "waiting", Mail.handed_at.is_(None))


def _anew(now: datetime) -> dict[str, Any]:
    return {"state": "waiting", "attempts": 0, "created_at": now, "not_before": None}


def record_outcome(
    session: Session, mail_id: int, message_id: str, attempt: int | None = None, **values: Any
) -> None:
    """Write down how a try ended; with `attempt` only as long as no other try has begun."""
    is_latest = () if attempt is None else (Mail.attempts == attempt,)
    _changed(session, mail_id, Mail.message_id == message_id, *is_latest, handed_at=None, **values)


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
