"""Starting, continuing and ending runs: what a button, a command and the sweep have in common."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.domain.runs.kinds import kind_of, needs_portal, queue_of
from webapp.domain.runs.options import RunOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.people import audit
from webapp.store.runs import queries, runs
from webapp.store.runs.runs import NewRun, Run
from webapp.usecases.runs import queues
from webapp.usecases.runs.publish import run_changed

# A slice shows a sign of life with every page, and beats while it waits for an answer.
UNTOUCHED_S = 6
WAITS_FOR_REDIS_S = 10
"""So long a run waits at least before it asks a Redis again that had not answered."""
# Less would only turn in circles when a run's wait is over and nobody takes it up.
_SHORTEST_PAUSE_S = 0.1

_log = structlog.get_logger()


class Started(NamedTuple):
    """A run that was requested; `is_new` is False when one of its kind worked or waited already."""

    run_id: int
    is_new: bool


def start(
    services: Services,
    kind: str,
    *,
    connection_id: int,
    trigger: str,
    started_by_id: int | None,
    options: RunOptions | None = None,
    is_preview: bool = False,
    also: Callable[[Session], None] | None = None,
) -> Started:
    """Queue a bulk run and return at once; asking again leads to the one that is open.

    Args:
        services: What it works with.
        kind: A kind that is bulk work.
        connection_id: On which connection.
        trigger: Button or command.
        started_by_id: The user.
        options: The options of its kind; None for all that it does.
        is_preview: Whether it only says what it would do.
        also: What is written together with the run, and not at all where it is refused.

    Raises:
        RefusedError: `not_connected`, when the run needs a connection that works, and this one does not;
            `busy`, when a run of this kind is open that is about something else.
    """
    new = requested(
        services,
        kind,
        connection_id=connection_id,
        trigger=trigger,
        started_by_id=started_by_id,
        options=options,
        is_preview=is_preview,
    )

    def open_or_added(session: Session) -> Started:
        if also is not None:
            also(session)
        return _open_or_added(session, new)

    return start_once(services, open_or_added, lambda session: _already_open(session, new))


def requested(
    services: Services,
    kind: str,
    *,
    connection_id: int,
    trigger: str,
    started_by_id: int | None,
    options: RunOptions | None = None,
    is_preview: bool = False,
    subject: str | None = None,
) -> NewRun:
    """A run as a person requests it; it keeps the id under which their request is logged."""
    return NewRun(
        connection_id=connection_id,
        kind=kind,
        trigger=trigger,
        started_by_id=started_by_id,
        request_id=services.actor.request_id,
        options=options,
        is_preview=is_preview,
        subject=subject,
    )


def start_once(
    services: Services,
    open_or_added: Callable[[Session], Started],
    requested_meanwhile: Callable[[Session], Started],
) -> Started:
    """Queue a run, or lead to the one that is open already.

    Args:
        services: What it works with.
        open_or_added: Finds the run that is open, or adds a new one.
        requested_meanwhile: Finds the run that somebody else added at the same moment: that one counts.
    """
    try:
        with services.database.writing() as session:
            started = open_or_added(session)
    except IntegrityError:
        with services.database.reading() as session:
            return requested_meanwhile(session)
    if started.is_new:
        start_next(services)
        run_changed(services, started.run_id)
    return started


def _open_or_added(session: Session, new: NewRun) -> Started:
    """The open run of this kind, if it is about the same; else a new one."""
    requested = new.options or kind_of(new.kind).options()
    connection = connections.get(session, new.connection_id)
    is_usable = connection is not None and connection.state == "connected"
    if not is_usable and needs_portal(kind_of(new.kind), requested):
        raise RefusedError("not_connected")
    open_one = queries.open_run(session, new.connection_id, new.kind, is_preview=new.is_preview)
    return added(session, new) if open_one is None else _led_to(open_one, new)


def added(session: Session, new: NewRun) -> Started:
    """A new run, which waits for its turn."""
    return Started(runs.add(session, new, datetime.now(UTC)).id, is_new=True)


def _already_open(session: Session, new: NewRun) -> Started:
    run = queries.open_run(session, new.connection_id, new.kind, is_preview=new.is_preview)
    if run is None:
        raise RefusedError("just_ended")
    return _led_to(run, new)


def _led_to(run: Run, new: NewRun) -> Started:
    """The open run of this kind, which is an answer only if it is about the same."""
    if _about(runs.options_of(run)) != _about(new.options or kind_of(new.kind).options()):
        raise RefusedError("busy", kind=new.kind, run_id=run.id)
    return Started(run.id, is_new=False)


def _about(options: RunOptions) -> RunOptions:
    """The options that distinguish a run from others of its kind, such as its fields or the run it undoes."""
    return replace(options, preview_id=None, frequencies=0)


def start_next(services: Services) -> None:
    """Let the run that has waited longest begin, on each connection where none works."""
    with services.database.reading() as session:
        pending = queries.next_pending(session)
    for run_id in pending:
        try:
            with services.database.writing() as session:
                has_begun = runs.begin(session, run_id, datetime.now(UTC))
                run = runs.get(session, run_id)
        except IntegrityError:
            continue  # another one began first
        if has_begun and run is not None:
            enqueue_next_slice(services, run_id, run.fence)


def enqueue_next_slice(services: Services, run_id: int, fence: int) -> None:
    """Fence the slices so far off and queue the next; a lost queue is made good by the sweep."""
    with services.database.writing() as session:
        new_fence = runs.next_fence(session, run_id, fence, datetime.now(UTC))
        run = runs.get(session, run_id)
    if new_fence is None or run is None:
        return
    queue = queue_of(kind_of(run.kind), runs.options_of(run))
    if not queues.enqueue_slice(services, run_id, new_fence, queue):
        _mark_waiting_for_redis(services, run_id, new_fence)


def fence_off(session: Session, connection_id: int | None = None) -> dict[int, int]:
    """Let no slice write any more what it read before this transaction; after the commit `let_go_on` follows.

    Args:
        session: A writing transaction.
        connection_id: Whose runs; None for those of all connections.

    Returns:
        The runs with their new fences.
    """
    now, fences = datetime.now(UTC), dict[int, int]()
    for run in queries.working(session, connection_id):
        fence = runs.next_fence(session, run.id, run.fence, now)
        if fence is not None:
            fences[run.id] = fence
    return fences


def let_go_on(services: Services, fences: Mapping[int, int]) -> None:
    """Queue the next slices of runs that were fenced off: each goes on at its checkpoint, and reads again."""
    for run_id, fence in fences.items():
        enqueue_next_slice(services, run_id, fence)


def _mark_waiting_for_redis(services: Services, run_id: int, fence: int) -> None:
    """Say on the run that no worker can hear of it; the sweep queues it when Redis is back."""
    with services.database.writing() as session:
        is_marked = runs.touch(session, run_id, fence, {"waiting_for": "redis"})
    if is_marked:
        run_changed(services, run_id)


def cancel(services: Services, run_id: int) -> bool:
    """End a run now, even while a slice works; what it did stays done and counted. False if it had ended."""
    with services.database.writing() as session:
        was_open = runs.end(session, run_id, "cancelled", datetime.now(UTC))
        if was_open and services.actor.via != "machine":
            audit.add(session, services.actor, "run_cancelled", run_id=run_id)
    if was_open:
        run_changed(services, run_id)
        start_next(services)
    return was_open


def cancel_all(services: Services, connection_id: int) -> None:
    """Cancel and fence off every run of a connection, as a disconnect must before anything else."""
    with services.database.writing() as session:
        ended = queries.open_ids(session, connection_id)
        for run_id in ended:
            runs.end(session, run_id, "cancelled", datetime.now(UTC), error="disconnected")
    for run_id in ended:
        run_changed(services, run_id)


def sweep(services: Services) -> None:
    """Take up what a killed worker, a lost queue or an ended wait left; called every few seconds."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        found = [
            (run.id, run.fence, run.waiting_for)
            for run in queries.abandoned(session, now - timedelta(seconds=UNTOUCHED_S), now)
        ]
    for run_id, fence, waiting_for in found:
        is_alive = queues.is_slice_alive(services, run_id, fence)
        if is_alive is None and waiting_for != "redis":
            _mark_waiting_for_redis(services, run_id, fence)
        elif is_alive is False:
            _log.info("run_taken_up", run_id=run_id, fence=fence)
            enqueue_next_slice(services, run_id, fence)
    start_next(services)


def go_on_with_redis(services: Services) -> None:
    """Let runs go on that wait for Redis, which answers: their next try may be a quarter of an hour away."""
    now = datetime.now(UTC)
    since = now - timedelta(seconds=WAITS_FOR_REDIS_S)
    with services.database.reading() as session:
        waiting = queries.waiting_for_redis(session, since, now)
    if waiting:
        with services.database.writing() as session:
            runs.end_waits(session, waiting, now)


def next_wait_ends_in_s(services: Services) -> float:
    """Seconds until the first waiting run may go on; infinite when none waits."""
    with services.database.reading() as session:
        not_before = queries.first_not_before(session)
    if not_before is None:
        return math.inf
    return max(_SHORTEST_PAUSE_S, (not_before - datetime.now(UTC)).total_seconds())
