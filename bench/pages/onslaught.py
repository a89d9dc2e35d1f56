"""How quick pages are beside very many clients that never finish.

The application is served as an operator runs it, on SQLite, without a proxy in front of it. Load and readers
share the machine with it, on loopback; each kind of load is opened once and holds for as long as is measured.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import requests

from bench.table import Figure
from tests.support.applications.app import application, make_settings
from tests.support.applications.served import ServedApp, served
from tests.support.databases.sqlite import SqliteFiles
from tests.support.faults.onslaught import (
    CLIENTS,
    LARGE_BODY,
    NEVER_CLOSED,
    UNFINISHED_BODY,
    UNFINISHED_HEAD,
    clients,
    page_times_ms,
    stream_request,
)
from tests.support.samples.users import PASSWORD, add_user
from tests.support.servers.redis_server import redis_server

ALL, FEW = CLIENTS, CLIENTS // 10
_MOST_P95_MS = 1_000
_THREADS = 704
_LOADS = {
    "unfinished heads": UNFINISHED_HEAD,
    "unfinished bodies": UNFINISHED_BODY,
    "unfinished large bodies": LARGE_BODY,
    "answers that nobody closes": NEVER_CLOSED,
    "silent connections": b"",
}


def measure(count: int) -> list[Figure]:
    """Time page requests without other clients, then beside this many clients of each kind."""
    with (
        tempfile.TemporaryDirectory() as name,
        redis_server() as redis_url,
        SqliteFiles(Path(name)).fresh() as url,
    ):
        folder = Path(name)
        settings = make_settings(folder / "instance", url, redis_url=redis_url)
        with application(settings) as app:
            person = add_user(app, "bench@example.com", "Bench", "administrator")
        with served(settings, folder, threads=_THREADS) as web, requests.Session() as reader:
            log_in(reader, web.url, person.email)
            live = stream_request("/stream", reader.cookies.get_dict())
            found = [_measured(web, reader, "nobody else", b"", 0)]
            for load, sent in {**_LOADS, "live pages": live}.items():
                found.append(_measured(web, reader, f"{count:,} {load}", sent, count))
    return found


def _measured(web: ServedApp, reader: requests.Session, load: str, sent: bytes, count: int) -> Figure:
    with clients(web.url, sent, count):
        p50, p95 = page_times_ms(reader, f"{web.url}/companies")
    shown = f"p95 {p95:.0f} ms, p50 {p50:.0f} ms"
    return Figure(f"a page beside {load}", shown, f"p95 ≤ {_MOST_P95_MS:,} ms", is_met=p95 <= _MOST_P95_MS)


def log_in(reader: requests.Session, url: str, email: str) -> None:
    """Log in as a person does."""
    page = reader.get(f"{url}/login", timeout=20).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    reader.post(f"{url}/login", {"email": email, "password": PASSWORD, "csrf_token": token}, timeout=20)
