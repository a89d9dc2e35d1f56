"""Runs to look at, and the application behind real HTTP in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from tests.conftest import PASSWORD
from tests.support.factories import add_entries, change_run, make_connection, make_run
from webapp.models import Run, User
from webapp.sync.publish import run_changed
from webapp.web import sse

_T = TypeVar("_T")


class Rows:
    """Makes rows of the application under test, and tells those who watch."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, make: Callable[..., _T], *args: Any, **values: Any) -> _T:
        """Call one of `tests.support.factories` within the application's context."""
        with self._app.app_context():
            return make(*args, **values)

    def connection(self) -> int:
        """The number of a new connection."""
        return self(make_connection).id

    def run(self, **values: Any) -> Run:
        """A run on a new connection."""
        return self(make_run, self.connection(), **values)

    def log(self, run: Run, *entries: dict[str, Any]) -> None:
        """Entries of a run, published as a slice would do it."""
        self(add_entries, run.id, entries)
        self(run_changed, run.id)

    def change(self, run: Run, **values: Any) -> None:
        """Another state of a run, published."""
        self(change_run, run.id, **values)
        self(run_changed, run.id)


@pytest.fixture
def rows(app: Flask) -> Rows:
    return Rows(app)


@pytest.fixture
def keepalive_s() -> float:
    """How often a quiet stream says so; a test that must be woken makes it long."""
    return 0.3


@pytest.fixture
def served_url(app: Flask, monkeypatch: pytest.MonkeyPatch, keepalive_s: float) -> Iterator[str]:
    """The application over real HTTP, a thread for each request."""
    monkeypatch.setattr(sse, "KEEPALIVE_S", keepalive_s)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    monkeypatch.setattr(sse, "KEEPALIVE_S", 0.1)
    _await_no_streams(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(served_url: str, member: User) -> Iterator[requests.Session]:
    """A member who has logged in over HTTP."""
    with requests.Session() as session:
        data = {"email": member.email, "password": PASSWORD}
        answer = session.post(f"{served_url}/login", data=data, allow_redirects=False, timeout=10)
        assert answer.status_code == 303
        yield session


def _await_no_streams(app: Flask) -> None:
    wakeups = app.extensions["twinbook.wakeups"]
    deadline = time.monotonic() + 10
    while wakeups._waiting:
        wakeups._wake_all()
        assert time.monotonic() < deadline, "a stream did not end after its reader had gone"
        time.sleep(0.05)


@pytest.fixture
def has_own_app() -> bool:
    """Streams leave threads and wake-ups behind."""
    return True
