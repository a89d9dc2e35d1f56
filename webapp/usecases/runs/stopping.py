"""The future of a run whose slice stops: it goes on later, or not at all, and keeps the reason."""

from datetime import UTC, datetime

import structlog
from sqlalchemy.orm import Session

from webapp.domain.runs.retry import (
    BLOCKED,
    is_hopeless,
    may_pass_as_conflict,
    next_after_nothing,
    next_try,
    not_before_limit,
)
from webapp.errors import (
    CannotGoOnError,
    NeedsApprovalError,
    RefusedError,
    TwinbookError,
    WaitLongerError,
    problem,
)
from webapp.hubspot.errors import HubSpotError, InvalidToken, MissingScopes, PermanentError
from webapp.installation import bare_errors
from webapp.store.connection.usage import add_usage
from webapp.store.database.trouble import TROUBLE_ERRORS, is_conflict, trouble_of
from webapp.store.runs import runs
from webapp.usecases.connection import account_trouble, tokens
from webapp.usecases.runs import mass_change
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import start_next
from webapp.usecases.runs.publish import run_changed

_log = structlog.get_logger()


def go_on_later(lease: Lease, *, is_done: bool) -> None:
    """The pause before the next slice grows with each failed slice in a row, and is reset by a success."""
    if is_done:
        with lease.services.database.writing() as session:
            runs.touch(session, lease.run_id, lease.fence, {"checkpoint": {}})
    not_before = next_after_nothing(lease.attempts, datetime.now(UTC))
    _log.warning("slice_came_to_nothing", run_id=lease.run_id, attempts=lease.attempts)
    _wait(lease, "progress", not_before or datetime.now(UTC), attempts=lease.attempts)


def stop(lease: Lease, error: Exception) -> None:
    """Show on the run why the slice stopped, if the database takes it."""
    try:
        _end_or_wait(lease, error)
    except TROUBLE_ERRORS as trouble:
        leave_to_the_sweep(lease.run_id, trouble)


def leave_to_the_sweep(run_id: int, trouble: Exception) -> None:
    """The run stays at its checkpoint, and is taken up as soon as the database can be written again."""
    _log.warning("run_left_to_sweep", run_id=run_id, error=trouble_of(trouble))


def _end_or_wait(lease: Lease, error: Exception) -> None:
    """What may pass lets the run wait; what cannot ends it, unless nobody would start it again."""
    if isinstance(error, HubSpotError) and account_trouble.is_of_account(error):
        account_trouble.record(lease.services, lease.connection_id, error)
    if isinstance(error, InvalidToken):
        tokens.mark_dead(lease.services, lease.connection_id, error)
        end(lease, "failed", "reconnect", error.stored_text)
    elif isinstance(error, NeedsApprovalError):
        mass_change.ask(lease.services, lease.run_id, lease.fence, error, lease.take_usage().calls)
    elif isinstance(error, account_trouble.AccountPausedError):
        _wait(lease, error.waiting_for, error.not_before, error.text)
    elif isinstance(error, WaitLongerError):
        _wait(lease, error.waiting_for, _after_limit(lease, error.not_before))
    elif isinstance(error, TwinbookError) and error.retryable:
        _wait_for_passing(lease, error)
    elif is_conflict(error) and may_pass_as_conflict(lease.attempts):
        _log.warning("write_conflict", run_id=lease.run_id, exc_info=error)
        _wait(lease, "database", datetime.now(UTC))
    elif trouble_of(error) is not None:
        _log.warning("database_trouble", run_id=lease.run_id, error=trouble_of(error))
        _wait(lease, "database")
    elif lease.origin.waits_when_refused:
        refusal, text = _refusal_of(lease, error)
        not_before = (
            account_trouble.next_probe_at(lease.services, lease.connection_id)
            if account_trouble.is_of_account(error)
            else None
        )
        _wait(lease, refusal, not_before, text)
    else:
        end(lease, "failed", *_refusal_of(lease, error))


def _wait_for_passing(lease: Lease, error: TwinbookError) -> None:
    if isinstance(error, HubSpotError) and error.is_unexplained:
        _wait(lease, BLOCKED, error_text=error.stored_text)
    else:
        _wait(lease, str(getattr(error, "waiting_for", "hubspot_trouble")))


def _after_limit(lease: Lease, not_before: datetime) -> datetime:
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    return not_before_limit(not_before, run.attempts if run else 0, datetime.now(UTC))


def _refusal_of(lease: Lease, error: Exception) -> tuple[str, str]:
    """The stable name of what does not pass without anybody, and its text."""
    if isinstance(error, MissingScopes):
        named = problem("scopes_would_do", message=error.problem or error.message, scopes=error.scopes)
        return "missing_scopes", named.stored() if error.scopes else error.stored_text
    if isinstance(error, HubSpotError) and account_trouble.is_of_account(error):
        return error.reason, error.stored_text
    if isinstance(error, CannotGoOnError):
        return error.reason, error.problem.stored()
    if isinstance(error, RefusedError):
        return "disconnected", error.problem.stored()
    if isinstance(error, PermanentError):
        return "refused", error.stored_text
    _log.error("slice_failed", run_id=lease.run_id, exc_info=error)
    return "unexpected", bare_errors.named(error)[:500]


def _wait(
    lease: Lease,
    waiting_for: str,
    not_before: datetime | None = None,
    error_text: str | None = None,
    *,
    attempts: int | None = None,
) -> None:
    """End the slice and come back later; the sweep queues the next one then.

    `attempts`: how often it has waited in a row, where its own count does not say.
    """
    now = datetime.now(UTC)
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    if run is None:
        return
    if is_hopeless(run.waiting_since, run.attempts, now):
        text = error_text or problem("waited_for", waiting_for=waiting_for).stored()
        end(lease, "failed", "waited_too_long", text)
        return
    with lease.services.database.writing() as session:
        runs.touch(
            session,
            lease.run_id,
            lease.fence,
            {
                "waiting_for": waiting_for,
                "waiting_since": run.waiting_since or now,
                "not_before": not_before or next_try(run.attempts, now),
                "attempts": (run.attempts if attempts is None else attempts) + 1,
                "error_text": error_text,
                "touched_at": now,
                "api_calls": run.api_calls + _counted(session, lease),
            },
        )
    _log.info("run_waits", run_id=lease.run_id, waiting_for=waiting_for)
    run_changed(lease.services, lease.run_id)


def end(lease: Lease, state: str, error: str | None = None, error_text: str | None = None) -> None:
    """End the run, as the holder of the lease, and let the next one begin."""
    with lease.services.database.writing() as session:
        run = runs.get(session, lease.run_id)
        runs.end(
            session,
            lease.run_id,
            state,
            datetime.now(UTC),
            fence=lease.fence,
            error=error,
            error_text=error_text,
            api_calls=_counted(session, lease) + (run.api_calls if run else 0),
        )
    _log.info("run_ended", run_id=lease.run_id, state=state, error=error)
    run_changed(lease.services, lease.run_id)
    start_next(lease.services)


def _counted(session: Session, lease: Lease) -> int:
    """The calls since the last checkpoint, which are counted for the day as well."""
    spent = lease.take_usage()
    add_usage(session, lease.connection_id, datetime.now(UTC).date(), spent)
    return spent.calls
