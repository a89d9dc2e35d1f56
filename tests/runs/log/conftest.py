"""Runs to look at, and the application behind real HTTP in this process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from tests.support.samples.users import PASSWORD
from webapp.models import User
from webapp.web.live import hub
from webapp.web.live.sse import hub_of


@pytest.fixture
def keepalive_s() -> float:
    """How often a quiet stream says so; a test that must be woken makes it long."""
    return 0.3


@pytest.fixture
def served_url(app: Flask, monkeypatch: pytest.MonkeyPatch, keepalive_s: float) -> Iterator[str]:
    """The application over real HTTP, a thread for each request."""
    monkeypatch.setattr(hub, "KEEPALIVE_S", keepalive_s)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # It would look only twice a second whether it is to end.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    monkeypatch.setattr(hub, "KEEPALIVE_S", 0.1)
    _await_no_streams(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visitor(served_url: str, member: User) -> Iterator[requests.Session]:
    """A member who has logged in over HTTP."""
    with requests.Session() as session:
        data = {"email": member.email, "password": PASSWORD}
        answer = session.post(f"{served_url}/login", data=data, allow_redirects=False, timeout=120)
        assert answer.status_code == 303
        yield session


def _await_no_streams(app: Flask) -> None:
    deadline = time.monotonic() + 120
    while hub_of(app).is_at_work:
        hub_of(app).wake(None)
        assert time.monotonic() < deadline, "a stream did not end after its reader had gone"
        time.sleep(0.05)


@pytest.fixture
def has_own_app() -> bool:
    """Streams leave threads and wake-ups behind."""
    return True
