"""A turn of the clearing goes on for as long as it may: the log must not grow faster than it is cleared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_connection, make_entries, make_run
from tests.support.usecases import pulling
from webapp.models import AuditEntry, LogEntry, Run
from webapp.usecases.people import audit
from webapp.usecases.runs import retention

_LONG_AGO = datetime.now(UTC) - timedelta(days=91)


def make_old_run(connection_id: int, entries: int) -> Run:
    run = make_run(connection_id, state="finished", created_at=_LONG_AGO, finished_at=_LONG_AGO)
    make_entries(run.id, entries)
    return run


@pytest.mark.usefixtures("in_app")
def test_one_turn_clears_many_batches_of_long_runs_and_short_ones(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.testing
    monkeypatch.setattr(retention, "_BATCH_SIZE", 3)
    monkeypatch.setattr(retention, "_TURN_S", 60.0)
    connection_id = make_connection().id
    for entries in (10, 1, 1, 1, 1, 7):
        make_old_run(connection_id, entries)
    kept = make_run(connection_id, state="finished", finished_at=datetime.now(UTC))
    make_entries(kept.id, 2)
    retention.clear_old(current_services())
    assert [run.id for run in pulling.all_rows(Run)] == [kept.id]
    assert {entry.run_id for entry in pulling.all_rows(LogEntry)} == {kept.id}


@pytest.mark.postgresql
@pytest.mark.usefixtures("in_app")
def test_a_clock_that_is_ahead_of_the_databases_clears_nothing_away() -> None:
    connection_id = make_connection().id
    run = make_run(connection_id, state="finished", finished_at=datetime.now(UTC))
    make_entries(run.id, 2)
    services = current_services()
    audit.record_export(services, "records")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=5_000), tick=True):
        retention.clear_old(services)
        audit.clear_old(services)
    found = [len(pulling.all_rows(table)) for table in (Run, LogEntry, AuditEntry)]
    assert found == [1, 2, 1]
