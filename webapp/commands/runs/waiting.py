"""What a run that is not over waits for, in the sentences of its page, for the commands."""

from datetime import datetime

from webapp.domain.runs.progress import OPEN_STATES
from webapp.services import Services
from webapp.store.runs import log
from webapp.store.runs.log import Run
from webapp.text.refusals import stored_text
from webapp.text.runs.machinery import TROUBLES
from webapp.text.runs.runs import REFUSED, wait_end, wait_reason
from webapp.usecases.runs import machinery


def standing_lines(services: Services, run: Run) -> list[str]:
    """What a run waits for, and what keeps any from going on; empty for one that is over, or at work."""
    return [*wait_lines(services, run), *trouble_lines(services)] if run.state in OPEN_STATES else []


def wait_lines(services: Services, run: Run) -> list[str]:
    """What a run waits for, and until when; empty for one that is over, or at work."""
    if run.state not in OPEN_STATES:
        return []
    if run.waiting_for in REFUSED:
        return _of_refused(run)
    if run.waiting_for == "approval":
        return [_of_question(run)]
    if run.waiting_for:
        until = f", until {_moment(run.not_before)}" if run.not_before else ""
        return [f"Waiting for {wait_reason(run.waiting_for)}{until}. {wait_end(run.waiting_for)}"]
    return [_of_queued(services, run)] if run.state == "queued" else []


def trouble_lines(services: Services) -> list[str]:
    """What keeps everything from going on: processes and servers that do not work."""
    found = (TROUBLES[name] for name in machinery.troubles(services))
    return [f"{trouble.text} {trouble.remedy}" for trouble in found]


def _of_refused(run: Run) -> list[str]:
    refused = REFUSED[run.waiting_for or ""]
    when = (
        f"tried again at {_moment(run.not_before)}, and as soon as a test of the connection succeeds"
        if run.not_before
        else "being tried again now"
    )
    answer = [stored_text(run.error_text)] if run.error_text else []
    return [
        f"{refused.text} {refused.remedy}",
        *answer,
        f"It is {when}.",
    ]


def _of_question(run: Run) -> str:
    other = (run.question or {}).get("asked_by")
    if other:
        return f"Waiting for an administrator's answer to the question of run {other}."
    return "Safety check: it waits for an administrator to allow what it would change."


def _of_queued(services: Services, run: Run) -> str:
    with services.database.reading() as session:
        before = log.running_bulk(session, run.connection_id)
    return f"Starts when run {before.id} has finished." if before is not None else "Starts in a moment."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
