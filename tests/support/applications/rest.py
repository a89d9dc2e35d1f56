"""Everything that works or waits, worked off in this process until nothing is left to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.usecases import pulling
from webapp.models import InboxEvent, Run
from webapp.store.push import outbox
from webapp.usecases.push import automatic as automatic_push
from webapp.usecases.runs import lifecycle
from webapp.usecases.webhooks import refresh

_OPEN = ("queued", "running")
_MOST_ROUNDS = 12
"""A run that is refused again and again waits; what waits more often than this never ends."""


def come_to_rest() -> None:
    """Let every open run come to its end, and what waits be begun, whatever it waits for.

    Raises:
        AssertionError: it does not come to an end.
    """
    bound_jobs()
    for _ in range(_MOST_ROUNDS):
        _begin_what_waits()
        open_runs = [run for run in pulling.all_rows(Run) if run.state in _OPEN]
        if not open_runs:
            return
        for run in open_runs:
            _work_off(run.id)
    raise AssertionError(f"never at rest: {_described()}")


def _begin_what_waits() -> None:
    """What the schedule would begin, once the time for it has come."""
    services = current_services()
    past = datetime.now(UTC) - timedelta(seconds=1)
    with writing() as session:
        session.execute(update(InboxEvent).where(InboxEvent.not_before > past).values(not_before=past))
    lifecycle.start_next(services)
    refresh.begin_forgotten(services)
    automatic_push.begin_forgotten(services)


def _work_off(run_id: int) -> None:
    if pulling.run_of(run_id).state == "queued":
        lifecycle.start_next(current_services())
    run = pulling.run_of(run_id)
    if run.state == "running":
        pulling.wait_is_over(run_id) if run.not_before else pulling.worked_off(run_id)


def _described() -> str:
    with reading() as session:
        due = outbox.connections_with_due(session, datetime.now(UTC))
        events = len(session.scalars(select(InboxEvent.id)).all())
    runs = [
        f"{run.kind} {run.id} {run.state} {run.waiting_for} {run.error_text}"
        for run in pulling.all_rows(Run)
        if run.state in _OPEN
    ]
    return f"{runs}, {events} webhook events, edits of {due}"
