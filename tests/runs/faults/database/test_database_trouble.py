"""The database locked, full or gone in the middle of a pull: the run waits, says why, and goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from tests.support.applications.services import current_services, reading, writing
from tests.support.applications.worker_process import WorkerProcess, wait_until
from tests.support.databases.postgres import PostgresServer
from tests.support.databases.sqlite import SqliteFiles
from tests.support.invariants import undisturbed
from tests.support.pages.run_pages import run_page
from tests.support.samples.messy_portal import COMPANIES, CONTACTS
from tests.support.samples.webhook_events import webhook_event
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.domain.webhooks.events import read_events
from webapp.models import Run
from webapp.settings import Settings
from webapp.store.database import engine
from webapp.store.webhooks import inbox
from webapp.usecases.webhooks import refresh

_NO_LIMIT = 2**30


@pytest.fixture
def postgres(databases: SqliteFiles | PostgresServer) -> PostgresServer:
    assert isinstance(databases, PostgresServer)
    return databases


class Disk:
    """How much room the database has, in this process's connections."""

    def __init__(self) -> None:
        self.pages = _NO_LIMIT

    def fill(self) -> None:
        """Leave no room beyond what the database has now."""
        with reading() as session:
            self.pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()

    def clear(self) -> None:
        """Make room."""
        self.pages = _NO_LIMIT


@pytest.fixture
def disk(connection_id: int) -> Iterator[Disk]:  # noqa: ARG001 - for what it brings about
    """A disk that can be filled: SQLite itself then refuses to grow, as it does when the system says so."""
    disk = Disk()

    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {disk.pages}")

    event.listen(Engine, "begin", limit)
    yield disk
    event.remove(Engine, "begin", limit)


@pytest.mark.sqlite
def test_a_pull_outlasts_a_lock_that_another_program_holds(
    connection_id: int, settings: Settings, portal: SandboxServer, worker: WorkerProcess
) -> None:
    run_id = pulling.begun(connection_id)
    worker.start()
    wait_until(lambda: undisturbed.done_of(run_id, "companies") > 0, "a page is done")
    path = make_url(settings.database_url).database
    assert path
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wait_until(_Stillness(portal).has_come, "the worker stands still")
        other.execute("ROLLBACK")
    run = undisturbed.wait_for_end(run_id, worker)
    assert run.state == "finished"
    assert sum(run.counts["contacts"].values()) == CONTACTS


@pytest.mark.sqlite
def test_a_lock_that_lasts_too_long_costs_a_pull_only_time(
    connection_id: int, settings: Settings, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even that it waits can be written then; the sweep takes the run up once the lock is gone."""

    @contextmanager
    def locked(_run_id: int) -> Iterator[None]:
        event.listen(current_services().database.engine, "checkout", _with_little_patience)
        path = make_url(settings.database_url).database
        assert path
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    portal.settings(latency_ms=0)
    pulling.short_slices(monkeypatch)
    _assert_only_time_is_lost(connection_id, locked)


@pytest.mark.sqlite
def test_a_pull_waits_for_room_on_the_disk_says_so_and_goes_on_when_there_is_some(
    connection_id: int,
    settings: Settings,
    portal: SandboxServer,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    _vacuum(settings)
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    before = pulling.one_slice(run_id)
    disk.fill()
    run = pulling.worked_off(run_id)
    assert (run.state, run.waiting_for) == ("running", "database")
    assert sum(run.counts["companies"].values()) >= sum(before.counts["companies"].values())
    assert "Waiting for the database to accept writes again" in run_page(settings, run_id)
    disk.clear()
    undisturbed.assert_whole(pulling.wait_is_over(run_id), expected, counts)


@pytest.mark.postgresql
def test_a_pull_goes_on_after_the_database_server_was_restarted(
    connection_id: int, portal: SandboxServer, postgres: PostgresServer, worker: WorkerProcess
) -> None:
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    portal.settings(latency_ms=250)
    run_id = pulling.begun(connection_id)
    worker.start()
    wait_until(lambda: undisturbed.done_of(run_id, "contacts") > 0, "contacts are done")
    current_services().database.engine.dispose()
    postgres.restart()
    undisturbed.cut_wait_short(run_id)
    undisturbed.assert_whole(undisturbed.wait_for_end(run_id, worker), expected, counts)


@pytest.mark.postgresql
def test_events_outlive_a_restart_of_the_database_server(
    connection_id: int, portal: SandboxServer, postgres: PostgresServer
) -> None:
    portal.settings(latency_ms=0)
    undisturbed.pull(connection_id)
    pulling.pulled(connection_id)
    [first, *_] = pulling.links("companies")
    portal.update("companies", first.remote_id, {"city": "Ulm"})
    now = datetime.now(UTC)
    events = read_events(
        [webhook_event("company.propertyChange", first.remote_id, propertyName="city")]
    ).events
    with writing() as session:
        inbox.add(session, [(connection_id, one) for one in events], now)
    current_services().database.engine.dispose()
    postgres.restart()
    refresh.begin_forgotten(current_services())
    [run] = [one for one in pulling.all_rows(Run) if one.kind == "refresh"]
    assert pulling.worked_off(run.id).state == "finished"
    assert pulling.company(first.record_id).city == "Ulm"


@pytest.mark.postgresql
def test_a_lock_that_is_never_given_back_costs_a_pull_only_time(
    connection_id: int, settings: Settings, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another worker's process was stopped in the middle of a transaction."""

    @contextmanager
    def locked(run_id: int) -> Iterator[None]:
        monkeypatch.setattr(engine, "LOCKED_S", 1)
        current_services().database.engine.dispose()
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as other:
            other.execute("SELECT id FROM runs WHERE id = %s FOR UPDATE", [run_id])
            yield
        current_services().database.engine.dispose()

    portal.settings(latency_ms=0)
    pulling.short_slices(monkeypatch)
    _assert_only_time_is_lost(connection_id, locked)


def _assert_only_time_is_lost(
    connection_id: int, locked: Callable[[int], AbstractContextManager[None]]
) -> None:
    """A slice of a pull that is locked out writes nothing, and the pull is finished all the same."""
    run_id = pulling.begun(connection_id)
    before = pulling.one_slice(run_id)
    with locked(run_id):
        run = pulling.one_slice(run_id)
        assert (run.state, run.counts) == ("running", before.counts)
    pulling.change(run_id, touched_at=datetime.now(UTC) - timedelta(minutes=1))
    run = pulling.wait_is_over(run_id)
    assert run.state == "finished"
    assert sum(run.counts["companies"].values()) == COMPANIES


def _with_little_patience(connection: sqlite3.Connection, *_: object) -> None:
    """Ten seconds are too long for a test."""
    connection.execute("PRAGMA busy_timeout = 50")


def _vacuum(settings: Settings) -> None:
    """Leave no free pages in the file, which could be filled without growing."""
    path = make_url(settings.database_url).database
    assert path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")


class _Stillness:
    """Tells when nobody has called the portal for a while."""

    def __init__(self, portal: SandboxServer) -> None:
        self._portal = portal
        self._calls = -1
        self._looks = 0

    def has_come(self) -> bool:
        calls = self._portal.counts()["calls"]
        self._looks = self._looks + 1 if calls == self._calls else 0
        self._calls = calls
        # Looks are 50 ms apart, calls at least 250 ms.
        return self._looks > 20
