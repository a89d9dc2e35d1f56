"""One slice of a run: at most two seconds of work under a fence, and what becomes of the run afterwards."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from msgspec import Struct, field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.kinds import is_automatic
from webapp.domain.runs.options import BulkOptions, RunOptions
from webapp.domain.runs.origin import RunOrigin, origin_of
from webapp.domain.runs.retry import (
    is_hopeless,
    may_pass_as_conflict,
    next_after_nothing,
    next_try,
    not_before_limit,
)
from webapp.errors import (
    CannotGoOnError,
    FencedOffError,
    NeedsApprovalError,
    RefusedError,
    TwinbookError,
    WaitLongerError,
    problem,
)
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import AccountRefused, HubSpotError, InvalidToken, MissingScopes, PermanentError
from webapp.hubspot.http.counting import CallCounter
from webapp.services import Services
from webapp.store.database import statistics
from webapp.store.database.trouble import TROUBLE_ERRORS, trouble_of
from webapp.store.runs import progress, runs
from webapp.store.runs.usage import Usage, add_usage
from webapp.usecases.connection import tokens
from webapp.usecases.connection.portal import PATIENCE_S, open_client
from webapp.usecases.runs import account_trouble, mass_change, queues
from webapp.usecases.runs.lifecycle import enqueue_next_slice, start_next
from webapp.usecases.runs.publish import run_changed

SLICE_S = 2.0
_BEAT_EVERY_S = 1.5

_log = structlog.get_logger()

Options = TypeVar("Options", bound=RunOptions)
Work = Callable[["Lease", HubSpotClient], bool]
"""Works on a run until the slice is over; True when the run has nothing left to do."""


class LocalWork(Struct, frozen=True):
    """Work of a kind that needs no client of HubSpot, or not always: it opens one where it does."""

    do: Callable[["Lease"], bool]


class Lease(Struct, kw_only=True):
    """A slice's right to work on a run, and its time.

    Attributes:
        is_allowed: whether somebody has allowed the run to change however many records.
        began_at: how far the run was when the slice began.
        attempts: how often it had waited in a row by then.
    """

    services: Services
    run_id: int
    fence: int
    connection_id: int
    checkpoint: dict[str, Any]
    options: RunOptions
    origin: RunOrigin
    is_preview: bool
    is_allowed: bool
    ends_at_s: float
    began_at: progress.Mark
    attempts: int
    clients: list[HubSpotClient] = field(default_factory=list)
    counter: CallCounter = field(default_factory=CallCounter)

    @property
    def fields(self) -> dict[ObjectType, list[str]] | None:
        """The fields that the run is about alone, by object type; None when it is about everything."""
        return self.options.fields if isinstance(self.options, BulkOptions) else None

    @property
    def kinds(self) -> tuple[ObjectType, ...]:
        """The object types that the run is about."""
        return OBJECT_TYPES if self.fields is None else tuple(k for k in OBJECT_TYPES if self.fields.get(k))

    def options_as(self, options_type: type[Options]) -> Options:
        """The options of the run, for the work function of a kind that has such options."""
        if not isinstance(self.options, options_type):
            raise TypeError(f"run {self.run_id} has no {options_type.__name__}")
        return self.options

    def is_over(self, grace_s: float = 0.0) -> bool:
        """Whether the slice should come to its end, or has been over for a while."""
        return time.monotonic() >= self.ends_at_s + grace_s

    def open_client(self, *, yields: bool = False, patience_s: float = PATIENCE_S) -> HubSpotClient:
        """A client, closed with the slice, whose writes stop once another slice has taken the run over.

        `yields`: whether its calls let those of other runs go first; `patience_s`: how long a call may wait.
        """
        client = open_client(
            self.services,
            self.connection_id,
            is_urgent=self.origin.is_urgent,
            yields=yields,
            patience_s=patience_s,
            before_write=lambda: _check_fence(self),
            counter=self.counter,
        )
        self.clients.append(client)
        return client

    def give_back(self, usage: Usage) -> None:
        """The checkpoint that was to count these calls was not written: the next one does."""
        self.counter.give_back(*usage)

    def take_usage(self) -> Usage:
        """The calls that were not counted yet, for the next checkpoint; from any thread of the slice."""
        return Usage(*self.counter.take())


def run_slice(services: Services, run_id: int, fence: int, work: Work | LocalWork) -> None:
    """Work off one slice; then queue the next, wait, or end the run. An overtaken slice does nothing."""
    try:
        lease = _claim(services, run_id, fence)
    except TROUBLE_ERRORS as trouble:
        _leave_to_the_sweep(run_id, trouble)
        return
    if lease is None:
        return
    try:
        with _Beating(services, run_id, lease.fence):
            is_done = _worked(lease, work)
        if _has_come_to_nothing(lease, is_done=is_done):
            _go_on_later(lease, is_done=is_done)
        elif is_done:
            _end(lease, "finished")
        else:
            enqueue_next_slice(services, run_id, lease.fence)
    except FencedOffError:
        _log.info("slice_fenced_off", run_id=run_id, fence=lease.fence)
    except Exception as error:  # noqa: BLE001 - every way in which a slice can stop must show on its run
        _stop(lease, error)


def _claim(services: Services, run_id: int, fence: int) -> Lease | None:
    """The run's state for the first who comes with its fence; None for everybody else.

    The fence rises with the claim, since a Redis that comes back from its disk may hand out a job again.
    """
    with services.database.writing() as session:
        claimed = runs.next_fence(session, run_id, fence, datetime.now(UTC))
        run = runs.get(session, run_id)
        if run is None or claimed is None:
            return None
        began_at = progress.mark(session, run)
    options = runs.options_of(run)
    return Lease(
        services=services,
        run_id=run_id,
        fence=claimed,
        connection_id=run.connection_id,
        checkpoint=run.checkpoint,
        options=options,
        origin=origin_of(is_automatic=is_automatic(run.trigger), subject=run.subject),
        is_preview=run.is_preview,
        is_allowed=run.approval == runs.GIVEN,
        ends_at_s=time.monotonic() + SLICE_S,
        began_at=began_at,
        attempts=run.attempts,
    )


def _worked(lease: Lease, work: Work | LocalWork) -> bool:
    with lease.services.database.writing() as session:
        statistics.refresh(session)
    try:
        if isinstance(work, LocalWork):
            return work.do(lease)
        client = lease.open_client()
        if lease.origin.waits_when_refused:
            account_trouble.wait_until_usable(lease.services, lease.connection_id, client)
        return work(lease, client)
    finally:
        for client in lease.clients:
            client.close()


def _has_come_to_nothing(lease: Lease, *, is_done: bool) -> bool:
    """Whether a slice has left everything as it was: the run where it stood, or what waits to be done.

    A run that is done has come to nothing only if it began in this slice and its work waits still: it would
    be begun again at once.
    """
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
        now_at = progress.mark(session, run) if run is not None else lease.began_at
    if is_done:
        has_begun = not lease.began_at.checkpoint
        return has_begun and lease.origin.waits_when_refused and now_at.has_same_work(lease.began_at)
    return now_at == lease.began_at


def _go_on_later(lease: Lease, *, is_done: bool) -> None:
    """The more slices in a row come to nothing, the later the next one; one that is done begins again."""
    if is_done:
        with lease.services.database.writing() as session:
            runs.touch(session, lease.run_id, lease.fence, {"checkpoint": {}})
    not_before = next_after_nothing(lease.attempts, datetime.now(UTC))
    _log.warning("slice_came_to_nothing", run_id=lease.run_id, attempts=lease.attempts)
    _wait(lease, "progress", not_before or datetime.now(UTC), attempts=lease.attempts)


def _check_fence(lease: Lease) -> None:
    """Refuse to write to HubSpot for a run that another slice has taken over."""
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    if run is None or run.fence != lease.fence or run.state != "running":
        raise FencedOffError(f"run {lease.run_id} is not at fence {lease.fence}")


def _stop(lease: Lease, error: Exception) -> None:
    """Show on the run why the slice stopped, if the database takes it."""
    try:
        _end_or_wait(lease, error)
    except TROUBLE_ERRORS as trouble:
        _leave_to_the_sweep(lease.run_id, trouble)


def _leave_to_the_sweep(run_id: int, trouble: Exception) -> None:
    """The run stays at its checkpoint, and is taken up as soon as the database can be written again."""
    _log.warning("run_left_to_sweep", run_id=run_id, error=trouble_of(trouble))


def _end_or_wait(lease: Lease, error: Exception) -> None:
    """What may pass lets the run wait; what cannot ends it, unless nobody would start it again."""
    if isinstance(error, HubSpotError) and account_trouble.is_of_account(error):
        account_trouble.record(lease.services, lease.connection_id, error)
    if isinstance(error, InvalidToken):
        tokens.mark_dead(lease.services, lease.connection_id)
        _end(lease, "failed", "reconnect", error.stored_text)
    elif isinstance(error, NeedsApprovalError):
        mass_change.ask(lease.services, lease.run_id, lease.fence, error, lease.take_usage().calls)
    elif isinstance(error, account_trouble.AccountPausedError):
        _wait(lease, error.waiting_for, error.not_before, error.text)
    elif isinstance(error, WaitLongerError):
        _wait(lease, error.waiting_for, _after_limit(lease, error.not_before))
    elif isinstance(error, TwinbookError) and error.retryable:
        _wait(lease, str(getattr(error, "waiting_for", "hubspot_trouble")))
    elif trouble_of(error) is not None:
        _log.warning("database_trouble", run_id=lease.run_id, error=trouble_of(error))
        _wait(lease, "database")
    elif isinstance(error, IntegrityError) and may_pass_as_conflict(lease.attempts):
        _log.warning("write_conflict", run_id=lease.run_id, exc_info=error)
        _wait(lease, "database", datetime.now(UTC))
    elif lease.origin.waits_when_refused:
        refusal, text = _refusal_of(lease, error)
        not_before = (
            account_trouble.next_probe_at(lease.services, lease.connection_id)
            if account_trouble.is_of_account(error)
            else None
        )
        _wait(lease, refusal, not_before, text)
    else:
        _end(lease, "failed", *_refusal_of(lease, error))


def _after_limit(lease: Lease, not_before: datetime) -> datetime:
    with lease.services.database.reading() as session:
        run = runs.get(session, lease.run_id)
    return not_before_limit(not_before, run.attempts if run else 0, datetime.now(UTC))


def _refusal_of(lease: Lease, error: Exception) -> tuple[str, str]:
    """The stable name of what does not pass without anybody, and its text."""
    if isinstance(error, MissingScopes):
        named = problem("scopes_would_do", message=error.problem or error.message, scopes=error.scopes)
        return "missing_scopes", named.stored() if error.scopes else error.stored_text
    if isinstance(error, AccountRefused):
        return error.reason, error.stored_text
    if isinstance(error, CannotGoOnError):
        return error.reason, error.problem.stored()
    if isinstance(error, RefusedError):
        return "disconnected", error.problem.stored()
    if isinstance(error, PermanentError):
        return "refused", error.stored_text
    _log.error("slice_failed", run_id=lease.run_id, exc_info=error)
    return "unexpected", f"{type(error).__name__}: {error}"[:500]


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
    if is_hopeless(run.waiting_since, now):
        text = error_text or problem("waited_for", waiting_for=waiting_for).stored()
        _end(lease, "failed", "waited_too_long", text)
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


def _end(lease: Lease, state: str, error: str | None = None, error_text: str | None = None) -> None:
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


class _Beating:
    """Says that the slice is alive, also while a call takes long."""

    def __init__(self, services: Services, run_id: int, fence: int) -> None:
        self._beat_once = queues.pulse(services, run_id, fence)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        self._beat_once()
        while not self._stop.wait(_BEAT_EVERY_S):
            self._beat_once()
