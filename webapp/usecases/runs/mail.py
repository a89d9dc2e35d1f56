"""The one mail about a push's end: composed from the run at the moment when it is sent."""

from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from webapp.domain.records.fields import FIELDS_BY_NAME
from webapp.domain.runs.outcomes import OUTCOMES, REASONS, RUN_ERRORS
from webapp.domain.runs.progress import duration_text, filled_counts
from webapp.domain.runs.retry import is_hopeless, next_try
from webapp.mailer import MailRefusedError, MailTroubleError, Templates
from webapp.services import Services
from webapp.store.runs import log, mails
from webapp.store.runs.log import Run
from webapp.usecases.runs import queues

_MOST_FAILURES = 10
_TEMPLATES = Templates("runs/mail/push_ended.txt", "runs/mail/push_ended.html")

_log = structlog.get_logger()


def send_due(services: Services) -> None:
    """Queue every mail whose time has come; a lost queue is made good by the next call."""
    with services.database.reading() as session:
        waiting = mails.due(session, datetime.now(UTC))
    for mail_id in waiting:
        queues.enqueue_mail(services, mail_id)


def send(services: Services, mail_id: int) -> None:
    """Try to send one mail. Trouble is written down and never concerns the run."""
    now = datetime.now(UTC)
    with services.database.writing() as session:
        mail = mails.get(session, mail_id)
        if mail is None or not mails.claim(session, mail_id, now, next_try=next_try(mail.attempts, now)):
            return
    with services.database.reading() as session:
        story = _story(services, session, mail.run_id)
    try:
        was_sent = services.mailer.send(mail.recipient, story["subject"], _TEMPLATES, story)
    except MailRefusedError as error:
        _settle(services, mail_id, state="failed", error_text=str(error))
    except MailTroubleError as error:
        has_ended = is_hopeless(mail.created_at, now)
        _settle(services, mail_id, state="failed" if has_ended else "waiting", error_text=str(error))
    else:
        note = None if was_sent else "No mail server is set, so it is shown in the application's log."
        _settle(services, mail_id, state="sent", sent_at=datetime.now(UTC), error_text=note)


def _settle(services: Services, mail_id: int, **values: Any) -> None:
    with services.database.writing() as session:
        mails.settle(session, mail_id, **values)
    _log.info("mail", mail_id=mail_id, state=values["state"], error=values["error_text"])


def _story(services: Services, session: Session, run_id: int) -> dict[str, Any]:
    """What the templates tell."""
    row = log.run_row(session, run_id)
    if row is None:
        raise LookupError(f"run {run_id} has a mail and no row")
    run = row.run
    failures = log.first_failures(session, run_id, _MOST_FAILURES)
    counts = filled_counts(run.counts)
    failed = sum(each["failed"] for each in counts.values())
    held = sum(each["held"] for each in counts.values())
    address = services.settings.public_url.rstrip("/")
    return {
        "run": run,
        "subject": _subject(run, failed, held),
        "took": duration_text((run.finished_at - run.started_at).total_seconds())
        if run.finished_at and run.started_at
        else None,
        "counts": {kind: _in_words(each) for kind, each in counts.items()},
        "associations": _in_words(run.counts.get("associations", {})),
        "error": RUN_ERRORS.get(run.error or ""),
        "failures": [(entry, REASONS.get(entry.reason or "")) for entry in failures],
        "more_failures": max(0, failed - len(failures)),
        "failed": failed,
        "held": held,
        "run_address": f"{address}/sync-log/{run_id}",
        "held_address": f"{address}/held",
        "labels": FIELDS_BY_NAME,
    }


def _subject(run: Run, failed: int, held: int) -> str:
    words = {"finished": "finished", "failed": "failed", "cancelled": "was cancelled"}[run.state]
    notes = [f"{count} {what}" for count, what in ((failed, "failed"), (held, "held")) if count]
    return f"Push {run.id} {words}" + (f": {', '.join(notes)}" if notes else "")


def _in_words(counts: dict[str, int]) -> str:
    named = [f"{counts[name]:,} {words.lower()}" for name, words in OUTCOMES.items() if counts.get(name)]
    return ", ".join(named) or "none"
