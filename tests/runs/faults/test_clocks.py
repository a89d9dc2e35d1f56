"""Clocks that jump: nothing waits for a moment that a wrong clock has named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.applications.services import current_services, writing
from tests.support.usecases import pulling
from webapp.models import Connection, Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, queues

_AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize("jump", [_AN_HOUR, timedelta(days=400)])
def test_a_run_whose_last_sign_of_life_is_in_the_future_is_taken_up(
    connection_id: int, jump: timedelta
) -> None:
    """Its worker was killed, and then the clock was set back."""
    run_id = pulling.begun(connection_id)
    current_services().redis.flushall()
    pulling.change(run_id, touched_at=datetime.now(UTC) + jump)
    fence = pulling.run_of(run_id).fence
    lifecycle.sweep(current_services())
    assert pulling.run_of(run_id).fence > fence


def test_one_whose_worker_beats_is_left_to_it(connection_id: int) -> None:
    run_id = pulling.begun(connection_id)
    fence = pulling.run_of(run_id).fence
    current_services().redis.flushall()
    queues.pulse(current_services(), run_id, fence)()
    pulling.change(run_id, touched_at=datetime.now(UTC) + _AN_HOUR)
    lifecycle.sweep(current_services())
    assert pulling.run_of(run_id).fence == fence


def test_one_that_waits_is_not_hurried_by_a_machine_whose_clock_lags(connection_id: int) -> None:
    """Else it would ask HubSpot again with each look of the schedule."""
    run_id = pulling.begun(connection_id)
    now = datetime.now(UTC)
    pulling.change(
        run_id, touched_at=now + _AN_HOUR, not_before=now + _AN_HOUR, waiting_for="hubspot_trouble"
    )
    fence = pulling.run_of(run_id).fence
    lifecycle.sweep(current_services())
    assert pulling.run_of(run_id).fence == fence


def test_the_look_for_missed_changes_is_due_though_the_last_one_was_in_the_future(
    connection_id: int,
) -> None:
    with writing() as session:
        connection = session.get_one(Connection, connection_id)
        connection.first_pull_finished_at = datetime.now(UTC)
        connection.reconciled_at = connection.compared_at = datetime.now(UTC) + _AN_HOUR
    begin_reconcile.begin_due(current_services())
    assert [run.state for run in pulling.all_rows(Run, kind="reconcile")] == ["running"]
    for run in pulling.all_rows(Run, kind="reconcile"):
        lifecycle.cancel(current_services(), run.id)
    begin_reconcile.begin_due(current_services())
    assert len(pulling.all_rows(Run, kind="reconcile")) == 1
