"""The mails about a push's end, notifications, and links to choose a password, as text and as HTML."""

from collections.abc import Mapping
from typing import Any

from webapp.domain.people.mailed_links import LINKS_LAST
from webapp.domain.runs.outcomes import FAILED, HELD
from webapp.domain.runs.progress import filled_counts
from webapp.mailer import Letter, Templates
from webapp.store.runs.log import LogEntry, Run
from webapp.text.connection.connection import resumption
from webapp.text.notifications.notifications import NotificationText, notification
from webapp.text.people import lasts_text
from webapp.text.reasons import Reason, reason
from webapp.text.records.records import called
from webapp.text.refusals import stored_text
from webapp.text.runs.outcomes import counted
from webapp.text.runs.runs import duration_text, record_error, run_error
from webapp.text.translated import gettext, isolated, ngettext, number_text
from webapp.usecases.notifications.sending import About, Ended, Stopped
from webapp.usecases.people.mailed_links import LinkSent

_ENDED = Templates("runs/mail/push_ended.txt", "runs/mail/push_ended.html")
_WITH_LINK = Templates("people/mail/link.txt", "people/mail/link.html")
_NOTIFICATION = Templates("notifications/mail/notification.txt", "notifications/mail/notification.html")


def letter(about: About) -> Letter:
    """The mail about a push's end, a notification, or a link to choose a password."""
    if isinstance(about, LinkSent):
        return _with_link(about)
    if isinstance(about, Ended):
        story = _story(about)
        return Letter(story["subject"], _ENDED, story)
    text = _stopped(about) if isinstance(about, Stopped) else notification(about.kind, about.params)
    values = {
        **text._asdict(),
        "address": f"{about.address}{text.path}",
        "choices_address": f"{about.address}/profile/notifications",
    }
    return Letter(text.subject, _NOTIFICATION, values)


def _stopped(stopped: Stopped) -> NotificationText:
    """The mail that a connection, or its account, keeps everything from being synced."""
    paragraphs = (stored_text(stopped.problem), resumption(stopped.problem))
    subject = gettext("Automatic sync with HubSpot is paused")
    return NotificationText(subject, paragraphs, (), gettext("Open the connection"), "/integrations/hubspot")


def _with_link(sent: LinkSent) -> Letter:
    subject = (
        gettext("You have been invited to Twinbook")
        if sent.purpose == "invite"
        else gettext("Choose a new password for Twinbook")
    )
    values = {
        "subject": subject,
        "purpose": sent.purpose,
        "name": sent.name,
        "link": sent.link,
        "site_address": sent.address,
        "lasts": lasts_text(LINKS_LAST[sent.purpose]),
    }
    return Letter(subject, _WITH_LINK, values)


def _story(ended: Ended) -> dict[str, Any]:
    """The values of the templates."""
    run, address = ended.run, ended.address
    counts = filled_counts(run.counts)
    failed = sum(each["failed"] for each in counts.values())
    held = sum(each["held"] for each in counts.values())
    took_s = (
        (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else None
    )
    return {
        "run": run,
        "subject": _subject(run, failed, held),
        "headline": _headline(run),
        "took": None if took_s is None else duration_text(took_s),
        "counts": {kind: _counted(each) for kind, each in counts.items()},
        "associations": _counted(run.counts.get("associations", {})),
        "error": run_error(run.error) if run.error else None,
        "failures": [_failure(entry) for entry in ended.failures],
        "more_failures": max(0, failed - len(ended.failures)),
        "failed": failed,
        "held": held,
        "held_line": ngettext(
            "%(number)s record waits for a decision:",
            "%(number)s records wait for a decision:",
            held,
            number=number_text(held),
        ),
        "run_address": f"{address}/sync-log/{run.id}",
    }


def _failure(entry: LogEntry) -> tuple[str, str, Reason | None]:
    """A record's label, HubSpot's error about it, and the reason."""
    name = isolated(called(entry.object_type, entry.name))
    return (
        name,
        record_error((entry.detail or {}).get("error", "")),
        reason(entry.reason) if entry.reason else None,
    )


def _subject(run: Run, failed: int, held: int) -> str:
    counts = counted({FAILED: failed, HELD: held})
    return f"{_headline(run)}: {counts}" if counts else _headline(run)


def _headline(run: Run) -> str:
    if run.state == "finished":
        return gettext("Push %(number)s has finished", number=run.id)
    if run.state == "failed":
        return gettext("Push %(number)s has failed", number=run.id)
    return gettext("Push %(number)s was cancelled", number=run.id)


def _counted(counts: Mapping[str, int]) -> str:
    return counted(counts) or gettext("none")
