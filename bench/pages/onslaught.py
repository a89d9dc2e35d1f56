"""`python -m bench.pages.onslaught [LOAD]`: how quick pages are beside 2,000 clients that never finish.

The application is served as an operator runs it, on SQLite, without a proxy in front of it. Load and readers
share the machine with it, on loopback; each kind of load is opened once and holds for as long as is measured.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import requests

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

_MOST_P95_MS = 1_000
_THREADS = 704
_LOADS = {
    "nobody else": b"",
    "unfinished heads": UNFINISHED_HEAD,
    "unfinished bodies": UNFINISHED_BODY,
    "unfinished large bodies": LARGE_BODY,
    "answered, never closed": NEVER_CLOSED,
    "silent connections": b"",
}


def main() -> int:
    """Measure every kind of load; 1 where a page takes longer than it may."""
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
            slowest = max(_measured(web, reader, load) for load in (sys.argv[1:] or (*_LOADS, "live pages")))
    return int(slowest > _MOST_P95_MS)


def _measured(web: ServedApp, reader: requests.Session, load: str) -> float:
    sent = _LOADS.get(load) or b""
    if load == "live pages":
        sent = stream_request("/stream", reader.cookies.get_dict())
    with clients(web.url, sent, 0 if load == "nobody else" else CLIENTS):
        p50, p95 = page_times_ms(reader, f"{web.url}/companies")
    print(f"{load:>26}: p50 {p50:6.1f} ms, p95 {p95:6.1f} ms", flush=True)
    return p95


def log_in(reader: requests.Session, url: str, email: str) -> None:
    """Log in as a person does."""
    page = reader.get(f"{url}/login", timeout=20).text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    reader.post(f"{url}/login", {"email": email, "password": PASSWORD, "csrf_token": token}, timeout=20)


if __name__ == "__main__":
    sys.exit(main())
