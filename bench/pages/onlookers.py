"""How soon a thousand open pages of a run show what it does, and how quick other pages are meanwhile.

The application is served as an operator runs it, on SQLite, without a proxy. The run is moved on from here as
a Pull's slices do: a commit, then a hint. Onlookers and readers share the machine with the server.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import requests

from bench.pages.onslaught import log_in
from bench.table import Figure
from tests.support.applications.app import application, make_settings
from tests.support.applications.served import served
from tests.support.databases.sqlite import SqliteFiles
from tests.support.faults.onslaught import clients, page_times_ms, stream_request
from tests.support.samples.rows import Rows
from tests.support.samples.users import add_user
from tests.support.servers.redis_server import redis_server
from webapp.models import Run

ONLOOKERS, ONLOOKERS_SMALL = 1_000, 100
_EVENTS = 40
# As uneven as the slices of a Pull.
_PAUSES_S = (0.11, 0.42, 0.73, 0.29)
_MOST_EVENT_MS, _MOST_PAGE_MS, _MOST_KIB = 300.0, 150.0, 200.0
_THREADS = 704
_OPEN_S = 120.0
_COUNTED = re.compile(rb'count-contacts-created"[^>]*>([0-9,]+)<')


def measure(onlookers: int) -> list[Figure]:
    """Open a number of pages of one run, and move the run on."""
    with (
        tempfile.TemporaryDirectory() as name,
        redis_server() as redis_url,
        SqliteFiles(Path(name)).fresh() as url,
    ):
        settings = make_settings(Path(name) / "instance", url, redis_url=redis_url)
        with application(settings) as app:
            person = add_user(app, "bench@example.com", "Bench", "administrator")
            rows = Rows(app)
            run = rows.run(state="running", totals={"contacts": 1_000_000})
            with served(settings, Path(name), threads=_THREADS) as web, requests.Session() as reader:
                # What moves the run on is this program alone.
                os.killpg(web.worker.pid, signal.SIGSTOP)
                log_in(reader, web.url, person.email)
                _, alone_ms = page_times_ms(reader, f"{web.url}/companies")
                before = _kib_of(web.web.pid)
                request = stream_request(f"/sync-log/{run.id}/stream?shown=0", reader.cookies.get_dict())
                with clients(web.url, request, onlookers) as opened, _reading(opened) as seen:
                    seen.await_everyone(onlookers)
                    opened_kib = (_kib_of(web.web.pid) - before) / onlookers
                    moving = threading.Thread(target=_move_on, args=(rows, run, seen))
                    moving.start()
                    _, page_ms = page_times_ms(reader, f"{web.url}/companies", times=100)
                    moving.join()
                    time.sleep(1)
                os.killpg(web.worker.pid, signal.SIGCONT)
    return _figures(seen, onlookers, (alone_ms, page_ms), opened_kib)


def _figures(seen: Seen, onlookers: int, pages_ms: tuple[float, float], kib: float) -> list[Figure]:
    latencies_ms = sorted(seen.latencies_ms())
    cuts = quantiles(latencies_ms, n=20)
    name, alone_ms, page_ms = f"{onlookers:,} open pages of a run", *pages_ms
    reached = len(latencies_ms) / (onlookers * _EVENTS)
    return [
        Figure(
            f"{name}: from the commit to the client",
            f"p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms, {reached:.1%} of {onlookers * _EVENTS:,} seen",
            f"p95 ≤ {_MOST_EVENT_MS:.0f} ms",
            cuts[18] <= _MOST_EVENT_MS and reached > 0.99,  # noqa: PLR2004 - nearly all
        ),
        Figure(
            f"{name}: another page meanwhile",
            f"p95 {page_ms:.0f} ms, {page_ms / alone_ms:.1f} times as without them",
            f"p95 ≤ {_MOST_PAGE_MS:.0f} ms",
            page_ms <= _MOST_PAGE_MS,
        ),
        Figure(f"{name}: memory of each", f"{kib:.0f} KiB", f"≤ {_MOST_KIB:.0f} KiB", kib <= _MOST_KIB),
    ]


class Seen:
    """When which count was committed, and when each client was shown it, or a later one."""

    def __init__(self) -> None:
        self.committed_at: list[float] = []
        self._shown: dict[int, list[tuple[float, int]]] = {}

    def add(self, client: int, received: bytes, at: float) -> None:
        """What a client received."""
        for found in _COUNTED.findall(received):
            self._shown.setdefault(client, []).append((at, int(found.replace(b",", b""))))

    def await_everyone(self, clients: int) -> None:
        """Wait until each has been shown something.

        Raises:
            RuntimeError: that takes too long.
        """
        deadline = time.monotonic() + _OPEN_S
        while len(self._shown) < clients:
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {len(self._shown)} of {clients} pages are open")
            time.sleep(0.5)

    def latencies_ms(self) -> Iterator[float]:
        """How long each event took to each client."""
        for shown in self._shown.values():
            for number, committed_at in enumerate(self.committed_at, start=1):
                at = next((at for at, count in shown if count >= number), None)
                if at is not None:
                    yield (at - committed_at) * 1000


@contextmanager
def _reading(opened: list[socket.socket]) -> Iterator[Seen]:
    """Read what comes to all clients, in a thread."""
    seen, is_over = Seen(), threading.Event()
    thread = threading.Thread(target=_read, args=(opened, seen, is_over))
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def _read(opened: list[socket.socket], seen: Seen, is_over: threading.Event) -> None:
    with selectors.DefaultSelector() as selector:
        for number, client in enumerate(opened):
            selector.register(client, selectors.EVENT_READ, number)
        while not is_over.is_set():
            for key, _ in selector.select(0.2):
                received = opened[key.data].recv(65_536)
                if received:
                    seen.add(key.data, received, time.monotonic())
                else:
                    selector.unregister(key.fileobj)


def _move_on(rows: Rows, run: Run, seen: Seen) -> None:
    for number in range(1, _EVENTS + 1):
        time.sleep(_PAUSES_S[number % len(_PAUSES_S)])
        seen.committed_at.append(time.monotonic())
        rows.change(run, counts={"contacts": {"created": number}})


def _kib_of(pid: int) -> float:
    """The memory that a server's processes have for themselves."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_private_kib(Path(f"/proc/{child}/smaps_rollup")) for child in children)


def _private_kib(rollup: Path) -> float:
    lines = rollup.read_text().splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("Private_"))
