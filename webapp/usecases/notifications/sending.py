"""Sends every mail, composed at that moment: about a push's end, notifications, links for passwords."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import make_msgid
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.people.mailed_links import Purpose
from webapp.domain.runs.progress import OPEN_STATES
from webapp.domain.runs.retry import is_hopeless, next_try
from webapp.errors import problem
from webapp.mailer import Letter, MailRefusedError, MailTakenError, MailTroubleError
from webapp.services import Services
from webapp.store.notifications import mails
from webapp.store.notifications.mails import Mail
from webapp.store.people import users
from webapp.store.runs import log
from webapp.store.runs.log import LogEntry, Run
from webapp.usecases.people import mailed_links
from webapp.usecases.people.mailed_links import LinkSent
from webapp.usecases.runs import machinery, queues

_MOST_FAILURES = 10

_log = structlog.get_logger()


class Ended(Struct, frozen=True):
    """A push that has ended, with the first records that failed, and the address of this installation."""

    run: Run
    failures: Sequence[LogEntry]
    address: str


class Stopped(Struct, frozen=True):
    """A connection that stopped working: the stored problem, and the address of this installation."""

    problem: str
    address: str


class Notification(Struct, frozen=True):
    """The contents of another notification: its kind, its parameters, and this installation's address."""

    kind: str
    params: Mapping[str, Any]
    address: str


About = Ended | Stopped | Notification | LinkSent


def send_due(services: Services) -> None:
    """Queue every mail whose time has come; a lost queue is made good by the next call."""
    with services.database.reading() as session:
        due = mails.due(session, datetime.now(UTC))
    for mail_id in due:
        queues.enqueue_mail(services, mail_id)


def send(services: Services, mail_id: int, compose: Callable[[About], Letter]) -> None:
    """Try to send one mail. Trouble is written down and never concerns the run.

    A mail is repeated where the server is known not to have it, or where the connection broke before its
    answer: then under the same `Message-ID`. One whose sender was killed between the end of the text and the
    answer has most likely arrived: it is uncertain, and a person decides.

    Args:
        services: What it works with.
        mail_id: Which mail.
        compose: Writes it.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        mail = mails.get(session, mail_id)
        if mail is None or mails.mark_uncertain(session, mail_id, now):
            return
        message_id = mail.message_id or make_msgid(domain=urlsplit(services.settings.public_url).hostname)
        wait_until = next_try(mail.attempts, now)
        if not mails.claim(session, mail_id, now, message_id=message_id, next_try=wait_until):
            return
    about = _about(services, mail)
    if about is None:
        with services.database.writing() as session:
            mails.remove(session, mail_id, message_id)
        return
    attempt = _Attempt(mail_id, mail.recipient, message_id, mail.attempts + 1, mail.created_at)
    with services.mailer.speaking(_language_of(services, mail.recipient)):
        _try(services, attempt, compose(about))


def send_again(services: Services, mail_id: int) -> bool:
    """Send a mail that has not left for certain; False when it has, or is gone."""
    with services.database.writing() as session:
        is_sent = mails.send_again(session, mail_id, datetime.now(UTC))
    if is_sent:
        queues.enqueue_mail(services, mail_id)
    return is_sent


def send_about_run_again(services: Services, run_id: int) -> bool:
    """The same for the mail about a run, where it has one."""
    with services.database.reading() as session:
        mail = mails.of_run(session, run_id)
    return mail is not None and send_again(services, mail.id)


def retry_all(services: Services) -> int:
    """Try all mails at once that wait or failed, as after the settings were mended; how many they are."""
    with services.database.writing() as session:
        count = mails.retry_all(session, datetime.now(UTC))
    send_due(services)
    return count


class _Attempt(Struct, frozen=True):
    """One try to send a mail."""

    mail_id: int
    recipient: str
    message_id: str
    number: int
    created_at: datetime


def _try(services: Services, attempt: _Attempt, letter: Letter) -> None:
    try:
        was_sent = services.mailer.send(
            attempt.recipient,
            letter,
            message_id=attempt.message_id,
            hand_over=lambda: _hand_over(services, attempt),
        )
    except MailTakenError:
        _log.info("mail_taken", mail_id=attempt.mail_id)
    except MailRefusedError as error:
        _record_outcome(services, attempt, state="failed", error_text=str(error))
    except MailTroubleError as error:
        _record_outcome(services, attempt, state=_repeated(attempt), error_text=str(error))
    else:
        if not was_sent and machinery.mail_leaves_elsewhere(services):
            # It waits for a worker that has one.
            here = problem("mail_server_elsewhere").stored()
            return _record_outcome(services, attempt, state=_repeated(attempt), error_text=here)
        error_text = None if was_sent else "no_server"
        sent: dict[str, Any] = {"state": "sent", "sent_at": datetime.now(UTC), "error_text": error_text}
        # The server has it, even if another worker tries too.
        with services.database.writing() as session:
            mails.record_outcome(session, attempt.mail_id, attempt.message_id, **sent)
        _log.info("mail", mail_id=attempt.mail_id, state="sent", error=error_text)


def _repeated(attempt: _Attempt) -> str:
    """The state of a mail that has not left."""
    return "failed" if is_hopeless(attempt.created_at, attempt.number, datetime.now(UTC)) else "waiting"


def _language_of(services: Services, recipient: str) -> str | None:
    with services.database.reading() as session:
        user = users.by_email(session, recipient)
    return user.language if user is not None else None


def _hand_over(services: Services, attempt: _Attempt) -> None:
    with services.database.writing() as session:
        now = datetime.now(UTC)
        if not mails.hand_over(session, attempt.mail_id, attempt.number, attempt.message_id, now):
            raise MailTakenError(f"mail {attempt.mail_id}")


def _record_outcome(services: Services, attempt: _Attempt, *, state: str, error_text: str) -> None:
    ended = {"state": state, "error_text": error_text}
    with services.database.writing() as session:
        mails.record_outcome(session, attempt.mail_id, attempt.message_id, attempt.number, **ended)
    # A server's answer names who was written to; its code comes first, or the server.
    _log.info("mail", mail_id=attempt.mail_id, state=state, error=error_text.partition(" ")[0].rstrip(":"))


def _about(services: Services, mail: Mail) -> About | None:
    """The contents of the mail; None if nobody is to get it."""
    if mail.purpose is not None:
        return mailed_links.compose(services, mail.recipient, cast("Purpose", mail.purpose))
    if mail.run_id is not None:
        with services.database.reading() as session:
            return _ended(services, session, mail.run_id)
    address = services.settings.public_url.rstrip("/")
    if mail.problem is not None or mail.notification is None:
        return Stopped(mail.problem or "", address)
    return Notification(mail.notification, mail.params or {}, address)


def _ended(services: Services, session: Session, run_id: int) -> Ended | None:
    """The report; None where the run was continued a moment ago."""
    row = log.run_row(session, run_id)
    if row is None:
        raise LookupError(f"run {run_id} has a mail and no row")
    if row.run.state in OPEN_STATES:
        return None
    failures = log.first_failures(session, run_id, _MOST_FAILURES)
    return Ended(row.run, failures, services.settings.public_url.rstrip("/"))
