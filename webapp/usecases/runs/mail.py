"""The one mail about a push's end: composed from the run at the moment when it is sent."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from msgspec import Struct
from sqlalchemy.orm import Session

from webapp.domain.runs.retry import is_hopeless, next_try
from webapp.mailer import MailRefusedError, MailTroubleError, Templates
from webapp.services import Services
from webapp.store.runs import log, mails
from webapp.store.runs.log import LogEntry, Run
from webapp.usecases.runs import queues

_MOST_FAILURES = 10

_log = structlog.get_logger()


class Ended(Struct, frozen=True):
    """A push that has ended, with the first records that failed, and the address of this installation."""

    run: Run
    failures: Sequence[LogEntry]
    address: str


class Letter(Struct, frozen=True):
    """A mail: its subject, and what its templates are filled with."""

    subject: str
    templates: Templates
    values: dict[str, Any]


def send_due(services: Services) -> None:
    """Queue every mail whose time has come; a lost queue is made good by the next call."""
    with services.database.reading() as session:
        due = mails.due(session, datetime.now(UTC))
    for mail_id in due:
        queues.enqueue_mail(services, mail_id)


def send(services: Services, mail_id: int, compose: Callable[[Ended], Letter]) -> None:
    """Try to send one mail. Trouble is written down and never concerns the run.

    Args:
        services: What it works with.
        mail_id: Which mail.
        compose: Writes it.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        mail = mails.get(session, mail_id)
        if mail is None or not mails.claim(session, mail_id, now, next_try=next_try(mail.attempts, now)):
            return
    with services.database.reading() as session:
        letter = compose(_ended(services, session, mail.run_id))
    try:
        was_sent = services.mailer.send(mail.recipient, letter.subject, letter.templates, letter.values)
    except MailRefusedError as error:
        _record_outcome(services, mail_id, state="failed", error_text=str(error))
    except MailTroubleError as error:
        has_ended = is_hopeless(mail.created_at, now)
        _record_outcome(services, mail_id, state="failed" if has_ended else "waiting", error_text=str(error))
    else:
        error_text = None if was_sent else "no_server"
        _record_outcome(services, mail_id, state="sent", sent_at=datetime.now(UTC), error_text=error_text)


def _record_outcome(services: Services, mail_id: int, **values: Any) -> None:
    with services.database.writing() as session:
        mails.record_outcome(session, mail_id, **values)
    _log.info("mail", mail_id=mail_id, state=values["state"], error=values["error_text"])


def _ended(services: Services, session: Session, run_id: int) -> Ended:
    """What the mail reports."""
    row = log.run_row(session, run_id)
    if row is None:
        raise LookupError(f"run {run_id} has a mail and no row")
    failures = log.first_failures(session, run_id, _MOST_FAILURES)
    return Ended(row.run, failures, services.settings.public_url.rstrip("/"))
