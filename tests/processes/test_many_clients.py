"""Two thousand clients that never finish keep nobody from reading a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask

from tests.support.applications.served import ServedApp, served
from tests.support.clocks.patience import PATIENCE_S
from tests.support.faults.onslaught import (
    LARGE_BODY,
    NEVER_CLOSED,
    UNFINISHED_BODY,
    UNFINISHED_HEAD,
    clients,
    page_times_ms,
    stream_request,
)
from tests.support.samples.users import PASSWORD
from tests.support.servers.sandbox_server import SandboxServer
from webapp.models import User
from webapp.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.one_database]


@pytest.fixture
def web(settings: Settings, sandbox: SandboxServer, tmp_path: Path) -> Iterator[ServedApp]:
    """The application with as many threads as an operator's has."""
    assert settings.hubspot_api_url == sandbox.url
    with served(settings, tmp_path, threads=704) as app:
        yield app


@pytest.fixture
def reader(web: ServedApp, app: Flask, administrator: User) -> Iterator[requests.Session]:
    """Somebody who has logged in and reads."""
    assert app
    with requests.Session() as session:
        session.post(f"{web.url}/login", data=_log_in(session, web.url, administrator), timeout=PATIENCE_S)
        yield session


def _log_in(session: requests.Session, url: str, user: User) -> dict[str, str]:
    page = session.get(f"{url}/login", timeout=PATIENCE_S).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return {"email": user.email, "password": PASSWORD, "csrf_token": token}


def test_pages_are_served_beside_clients_that_never_finish(web: ServedApp, reader: requests.Session) -> None:
    """Whichever page does not come is named by its failure, and the kind of clients by the line above it."""
    for sent in (UNFINISHED_HEAD, UNFINISHED_BODY, LARGE_BODY, NEVER_CLOSED, b""):
        print(f"beside clients that have sent {sent!r}")  # noqa: T201 - pytest shows it with a failure
        with clients(web.url, sent):
            for path in ("/companies", "/healthz", "/login"):
                page_times_ms(reader, f"{web.url}{path}", times=5)


def test_pages_are_served_beside_more_live_pages_than_there_are_places(
    web: ServedApp, reader: requests.Session
) -> None:
    request = stream_request("/stream", reader.cookies.get_dict())
    with clients(web.url, request) as opened:
        for path in ("/companies", "/healthz", "/login"):
            page_times_ms(reader, f"{web.url}{path}", times=5)
        # Who comes first is not always served first.
        assert {client.recv(12) for client in opened} == {b"HTTP/1.1 200", b"HTTP/1.1 503"}


def test_a_header_of_the_caller_does_not_move_the_application(web: ServedApp) -> None:
    """Gunicorn by itself believes the first two of every caller on its machine."""
    for header in ("SCRIPT_NAME", "PATH_INFO", "X-Forwarded-Prefix"):
        moved = requests.get(f"{web.url}/login", headers={header: "/login"}, timeout=PATIENCE_S)
        assert moved.status_code == 200, header
        assert 'href="/style.css?v=' in moved.text, header
