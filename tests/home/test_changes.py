"""Changes in and out are counted by the hour with the log that tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support.applications.services import current_services, reading, writing
from tests.support.samples.factories import make_company, make_connection, make_contact, make_run
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases.previews import previewed
from tests.support.usecases.pulling import all_rows, connected, hasty_retries, pulled
from tests.support.usecases.pushing import give_key, pushed
from tests.support.usecases.undoing import undo_of
from webapp.domain.runs.changes import HourCount, hour_of
from webapp.models import HourlyChange, LogEntry
from webapp.store.runs import changes, retention

_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch, in_app: Flask) -> None:
    assert in_app
    hasty_retries(monkeypatch)


def _counted(connection_id: int) -> dict[str, int]:
    found: dict[str, int] = {}
    with reading() as session:
        for one in changes.since(session, connection_id, hour_of(datetime.now(UTC) - _DAY)):
            found[one.direction] = found.get(one.direction, 0) + one.changes
    return found


def _fill(sandbox: SandboxServer) -> None:
    company = sandbox.create("companies", {"name": "Nordlicht", "domain": "n.de"})["id"]
    sandbox.create("contacts", {"firstname": "Eva", "email": "eva@n.de"}, [company])
    sandbox.create("contacts", {"firstname": "Nobody", "email": "no@where.de"})


@pytest.mark.one_database
def test_a_pull_counts_in_what_it_has_created_and_a_second_one_nothing(sandbox: SandboxServer) -> None:
    _fill(sandbox)
    connection_id = connected()
    previewed(connection_id)
    assert _counted(connection_id) == {}, "a preview changes nothing"
    pulled(connection_id)
    assert _counted(connection_id) == {"in": 2}
    pulled(connection_id)
    assert _counted(connection_id) == {"in": 2}


@pytest.mark.one_database
def test_a_push_counts_out_and_its_undo_as_well(sandbox: SandboxServer) -> None:
    connection_id = connected()
    give_key(sandbox, connection_id)
    make_company(name="Nordlicht", domain="n.de")
    make_contact(1, first_name="Ana", email="ana@n.de")
    run = pushed(connection_id)
    assert run.state == "finished"
    out = _counted(connection_id)["out"]
    assert out == _changed_entries(run.id) > 0
    undo = undo_of(run.id, archives=True)
    assert _counted(connection_id) == {"out": out + _changed_entries(undo.id)}


@pytest.mark.one_database
def test_the_undo_of_a_pull_is_no_traffic_with_hubspot(sandbox: SandboxServer) -> None:
    _fill(sandbox)
    connection_id = connected()
    run = pulled(connection_id)
    before = _counted(connection_id)
    assert undo_of(run.id).state == "finished"
    assert _counted(connection_id) == before


def _changed_entries(run_id: int) -> int:
    query = select(func.count()).where(
        LogEntry.run_id == run_id, LogEntry.outcome.in_(("created", "updated"))
    )
    with reading() as session:
        return session.scalar(query) or 0


def test_two_runs_of_an_hour_are_added_up(in_app: Flask) -> None:
    assert in_app
    connection_id = make_connection().id
    now = datetime.now(UTC)
    first, second = make_run(connection_id), make_run(connection_id, kind="refresh")
    with writing() as session:
        for run, changed in ((first, 3), (first, 4), (second, 5), (second, 0)):
            changes.add(session, run, now, changed)
    with reading() as session:
        assert changes.since(session, connection_id, hour_of(now)) == [HourCount(hour_of(now), "in", 12)]
    assert len(all_rows(HourlyChange)) == 2


def test_they_are_cleared_away_as_the_log_is(in_app: Flask) -> None:
    assert in_app
    connection_id = make_connection().id
    now, run = datetime.now(UTC), make_run(connection_id)
    with writing() as session:
        changes.add(session, run, now - 2 * _DAY, 1)
        changes.add(session, run, now, 2)
        retention.clear_beside_runs(session, now - _DAY)
    assert [row.changes for row in all_rows(HourlyChange)] == [2]


def test_the_runs_of_before_are_brought_along(in_app: Flask) -> None:
    """By the hour of their end: their logs are too long to be read."""
    assert in_app
    connection_id = make_connection().id
    ended = datetime.now(UTC) - _DAY
    counts = {"companies": {"created": 2, "unchanged": 9}, "contacts": {"updated": 1, "failed": 4}}
    make_run(connection_id, finished_at=ended, counts=counts)
    make_run(connection_id, kind="push", finished_at=ended, counts=counts)
    make_run(connection_id, finished_at=ended, counts=counts, is_preview=True)
    make_run(connection_id, kind="undo", finished_at=ended, counts=counts)
    make_run(connection_id, finished_at=ended - 20 * _DAY, counts=counts)
    current_services().database.dispose()
    flask_migrate.downgrade(revision="0029")
    flask_migrate.upgrade()
    found = [(row.run_id, row.direction, row.changes, row.hour) for row in all_rows(HourlyChange)]
    assert sorted(found) == [(1, "in", 3, hour_of(ended)), (2, "out", 3, hour_of(ended))]
    current_services().database.dispose()
