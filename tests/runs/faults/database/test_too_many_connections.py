"""PostgreSQL takes no further connection: pages and commands say so, work waits and goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.support.applications.app import KEPT
from tests.support.applications.services import bound_jobs, current_services
from tests.support.invariants import undisturbed
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from webapp.commands.runs import lines
from webapp.models import User
from webapp.processes import schedule
from webapp.settings import Settings
from webapp.store.database import engine
from webapp.usecases.runs import lifecycle

pytestmark = pytest.mark.postgresql


@pytest.fixture
def has_own_app() -> bool:
    """Its connections are ended."""
    return True


@contextmanager
def _all_taken(settings: Settings) -> Iterator[None]:
    """Others have every connection of the server; ours that were idle have ended."""
    url = settings.database_url.replace("+psycopg", "")
    with ExitStack() as stack:
        first = stack.enter_context(psycopg.connect(url, autocommit=True))
        current_services().database.dispose()
        first.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = ANY(%s)",
            [[engine.APPLICATION_NAME, KEPT]],
        )
        while True:
            try:
                stack.enter_context(psycopg.connect(url, autocommit=True))
            except psycopg.OperationalError:
                break
        yield


@pytest.mark.usefixtures("in_app")
def test_pages_say_so_and_store_again_once_there_is_one(
    client: FlaskClient, settings: Settings, administrator: User
) -> None:
    typed = {"email": administrator.email, "password": PASSWORD}
    with _all_taken(settings):
        for answer in (client.get("/login"), client.post("/login", data=typed), client.get("/companies")):
            assert answer.status_code in (200, 302, 303, 503)
        answer = client.post("/login", data=typed)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
    assert client.post("/login", data=typed).status_code == 303


def test_a_command_says_so_in_one_line(in_app: Flask, settings: Settings) -> None:
    with _all_taken(settings):
        done = in_app.test_cli_runner().invoke(args=["status"])
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_a_command_that_waits_for_a_run_goes_on_waiting(
    in_app: Flask, connection_id: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has begun, whatever becomes of the look at it."""
    run_id = pulling.begun(connection_id)
    with ExitStack() as stack:

        def meanwhile() -> Iterator[None]:
            stack.enter_context(_all_taken(settings))
            yield
            stack.close()
            yield
            pulling.change(run_id, state="finished", finished_at=datetime.now(UTC))
            yield

        moments = meanwhile()
        slow = SimpleNamespace(sleep=lambda _: next(moments), monotonic=time.monotonic)
        monkeypatch.setattr(lines, "time", slow)
        done = in_app.test_cli_runner().invoke(args=["pull", "--wait", "--json"])
    assert (done.exit_code, json.loads(done.stdout)["id"]) == (0, run_id), done.output
    assert "unknown: the database does not answer" in done.stderr


def test_a_pull_goes_on_once_there_is_one(
    connection_id: int, portal: SandboxServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.settings(latency_ms=0)
    expected, counts = undisturbed.pull(connection_id)
    pulling.short_slices(monkeypatch)
    run_id = pulling.begun(connection_id)
    run = pulling.one_slice(run_id)
    with _all_taken(settings), pytest.raises(OperationalError):
        # A worker's job fails so, and is logged.
        bound_jobs().run_slice(run.id, run.fence)
    undisturbed.assert_whole(pulling.worked_off(run_id), expected, counts)


def test_the_schedule_outlives_it(connection_id: int, settings: Settings) -> None:
    run_id = pulling.begun(connection_id)
    with _all_taken(settings):
        for _, task in schedule.TASKS:
            schedule._attempt(task, current_services())
    lifecycle.sweep(current_services())
    assert pulling.run_of(run_id).state == "running"
