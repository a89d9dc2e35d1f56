"""Starts the search for missed changes, by the schedule or at a person's request."""

from datetime import UTC, datetime

from webapp.domain.reconcile.schedule import gets_events, is_comparison_due, pause_between
from webapp.domain.runs.options import ReconcileOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.settings import Settings
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs import hourly, runs
from webapp.store.webhooks import inbox
from webapp.usecases.connection.required import require_working
from webapp.usecases.runs.lifecycle import Started, enqueue_next_slice, requested


def begin_due(services: Services) -> None:
    """Begin the reconciles that are due; called often, by the process that runs the schedule."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        latest = inbox.latest_delivery_at(session)
        due = [
            (row.id, _is_compared_now(row, now))
            for row in reconcile_walk.connections(session)
            if _waits_for_comparison(row) or next_due_at(services.settings, row, latest, now) <= now
        ]
    for connection_id, is_full in due:
        _begin_scheduled(services, connection_id, now, is_full=is_full)


def start(services: Services, *, trigger: str, user_id: int | None, is_full: bool = False) -> Started:
    """Look for missed changes now; asking again leads to the look that is under way.

    Raises:
        RefusedError: nothing is connected, or no pull has finished yet, so that nothing could be missed.
    """
    now = datetime.now(UTC)
    with services.database.writing() as session:
        connection = require_working(session)
        if connection.first_pull_finished_at is None:
            raise RefusedError("no_pull_yet")
        if under_way := reconcile_walk.open_run(session, connection.id):
            return Started(under_way.id, is_new=False)
        new = requested(
            services,
            "reconcile",
            connection_id=connection.id,
            trigger=trigger,
            started_by_id=user_id,
            options=ReconcileOptions(is_full=is_full),
        )
        run_id = runs.add_begun(session, new, now)
        connections.record_reconcile_begun(session, connection.id, now, is_full=is_full)
    enqueue_next_slice(services, run_id, 0)
    return Started(run_id, is_new=True)


def next_due_at(
    settings: Settings, connection: Connection, latest_delivery: datetime | None, now: datetime
) -> datetime:
    """When the next automatic look begins."""
    has_events = gets_events(latest_delivery, now)
    pause = pause_between(settings.reconcile_minutes, has_events=has_events)
    last = connection.reconciled_at or connection.first_pull_finished_at or now
    # A moment further away than the pause was kept by a clock that was wrong.
    return last + pause if last <= now + pause else now


def _is_compared_now(connection: Connection, now: datetime) -> bool:
    if _waits_for_comparison(connection):
        return True
    last = connection.compared_at or connection.first_pull_finished_at
    zone = str(connection.portal.get("time_zone") or "UTC")
    return last is not None and is_comparison_due(last, now, zone)


def _waits_for_comparison(connection: Connection) -> bool:
    """Whether the database comes from an older backup, and no comparison of everything has begun since."""
    restored, compared = connection.restored_at, connection.compared_at
    return restored is not None and (compared is None or compared < restored)


def _begin_scheduled(services: Services, connection_id: int, now: datetime, *, is_full: bool) -> None:
    """The turn is taken in the transaction that begins the run, so that of many processes one acts."""
    with services.database.writing() as session:
        connection = connections.get(session, connection_id)
        if connection is None or reconcile_walk.open_run(session, connection_id):
            return
        if not reconcile_walk.claim(session, connection_id, last=connection.reconciled_at, now=now):
            return
        if is_full:
            reconcile_walk.record_compared(session, connection_id, now)
        opened = hourly.begin(
            session,
            connection_id=connection_id,
            kind="reconcile",
            now=now,
            options=ReconcileOptions(is_full=is_full),
        )
    if opened is not None:
        enqueue_next_slice(services, *opened)
