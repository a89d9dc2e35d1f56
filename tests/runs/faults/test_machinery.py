"""Whatever ends is started again, or the pages and `/readyz` say so within a minute (B51)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from tests.support.applications.served import ServedApp
from tests.support.applications.services import change_services, current_services, writing
from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.samples.factories import make_connection, make_run
from tests.support.servers.redis_server import redis_server
from webapp.models import Mail, User
from webapp.processes import queue_worker
from webapp.store.runs import runs
from webapp.usecases.runs import machinery
from webapp.usecases.runs.queues import NOW, QUEUES, REFRESH
from webapp.web.operating import health

pytestmark = pytest.mark.one_database

LogIn = Callable[[User], FlaskClient]


@pytest.fixture
def has_own_app() -> bool:
    """What an application has seen last it keeps."""
    return True


@pytest.fixture
def page(
    app: Flask, administrator: User, logged_in: LogIn, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], str]:
    """Reads a page of an application that has been there for a while."""
    assert app
    monkeypatch.setattr(health, "QUIET_S", -1.0)
    monkeypatch.setattr(health, "LOOK_EVERY_S", 0.0)
    client = logged_in(administrator)
    return lambda: client.get("/companies").text


def _readyz(app: ServedApp) -> dict[str, Any]:
    answer = requests.get(f"{app.url}/readyz", timeout=PATIENCE_S)
    body: dict[str, Any] = answer.json()
    return body | {"code": answer.status_code}


def test_where_all_work_no_page_says_anything(page: Callable[[], str], app: Flask) -> None:
    with app.app_context():
        machinery.sign_schedule(current_services())
        with machinery.worker_sign(current_services(), QUEUES):
            wait_until(lambda: not machinery.troubles(current_services()), "the worker has signed")
            assert "notice bad" not in page()


@pytest.mark.parametrize(
    ("queues", "says"), [((NOW, REFRESH), "No worker is running"), (QUEUES, "The schedule is not running")]
)
def test_pages_say_what_is_missing(
    page: Callable[[], str], app: Flask, queues: tuple[str, ...], says: str
) -> None:
    """A queue that nobody works off is as bad as no worker."""
    with app.app_context(), machinery.worker_sign(current_services(), queues):
        wait_until(lambda: machinery.count_workers(current_services()) == 1, "the worker has signed")
        assert says in page()


def test_pages_say_that_redis_is_gone_and_are_served_all_the_same(
    page: Callable[[], str], app: Flask
) -> None:
    change_services(app, redis=Redis(port=9))
    assert "The queue server (Redis) does not answer" in page()


@pytest.mark.parametrize("refusal", ["CONFIG SET maxmemory 1", "REPLICAOF 127.0.0.1 9"])
def test_pages_say_that_redis_takes_nothing_and_a_worker_waits_for_it(
    page: Callable[[], str], app: Flask, refusal: str
) -> None:
    """Signs of processes are missing then, and to start some would not help."""
    waits: list[float] = []
    with redis_server() as url, Redis.from_url(url) as redis:

        def wait(seconds: float) -> None:
            waits.append(seconds)
            redis.execute_command("REPLICAOF", "NO", "ONE")
            redis.config_set("maxmemory", 0)

        change_services(app, redis=redis)
        redis.execute_command(*refusal.split())
        text = page()
        assert "answers and takes nothing" in text
        assert "No worker is running" not in text
        queue_worker.await_redis(redis, wait)
    assert len(waits) == 1


def test_pages_say_that_mail_does_not_leave(page: Callable[[], str], app: Flask, administrator: User) -> None:
    with app.app_context():
        run = make_run(make_connection().id, kind="push", state="running", started_by_id=administrator.id)
        with writing() as session:
            runs.end(session, run.id, "finished", datetime.now(UTC))
        assert "Mail is not being sent" not in page()
        with writing() as session:
            session.query(Mail).one().created_at = datetime.now(UTC) - timedelta(minutes=1)
    assert "Mail is not being sent" in page()


@pytest.mark.long
def test_a_killed_worker_is_missing_within_a_minute_and_one_that_is_replaced_is_not(
    served_app: ServedApp,
) -> None:
    wait_until(lambda: _readyz(served_app)["trouble"] == [], "worker and schedule have signed")
    assert _readyz(served_app)["workers"] == 1
    served_app.kill_worker()
    wait_until(lambda: _readyz(served_app)["trouble"] == ["no_worker", "no_schedule"], "both are missed")
    assert machinery.SIGN_LASTS_MS <= 60_000
    missing = _readyz(served_app)
    assert (missing["code"], missing["workers"]) == (200, 0)
    served_app.start_worker()
    wait_until(lambda: _readyz(served_app)["trouble"] == [], "they are back")
    for child in _children(served_app.worker.pid):
        os.kill(child, signal.SIGKILL)
    wait_until(lambda: len(_children(served_app.worker.pid)) == 2, "both are replaced")
    assert _readyz(served_app)["trouble"] == []


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
