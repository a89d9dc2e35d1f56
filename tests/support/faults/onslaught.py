"""Very many clients that never finish: sockets on loopback that are opened, send something and wait."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import quantiles
from urllib.parse import urlsplit

import requests

CLIENTS = 2_200
_SPARE_FILES = 500
# A machine may be busy; what never comes still fails.
_PATIENCE_S = 120.0

UNFINISHED_HEAD = b"GET /login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
UNFINISHED_BODY = (
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\nemail="
)
LARGE_BODY = UNFINISHED_BODY.replace(b"1000", b"9000000")
NEVER_CLOSED = b"GET /healthz HTTP/1.0\r\n\r\n"


def stream_request(path: str, cookies: dict[str, str]) -> bytes:
    """The request of a live page, by somebody who has logged in."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nCookie: {cookie}\r\n\r\n"
    return head.encode()


@contextmanager
def clients(url: str, sent: bytes, count: int = CLIENTS) -> Iterator[list[socket.socket]]:
    """So many clients, which have sent this; they hang up at the end."""
    allow_files(count + _SPARE_FILES)
    parts = urlsplit(url)
    with ExitStack() as opened:
        found = []
        for _ in range(count):
            address = (parts.hostname or "", parts.port or 80)
            client = opened.enter_context(socket.create_connection(address, _PATIENCE_S))
            client.sendall(sent)
            found.append(client)
        yield found


def allow_files(count: int) -> None:
    """Let this process open so many files, as far as the system allows."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < count:
        needed = count if most == resource.RLIM_INFINITY else min(count, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))


def page_times_ms(session: requests.Session, url: str, times: int = 60) -> tuple[float, float]:
    """How long a page takes, each over a new connection: the median and the 95th percentile."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        answer = session.get(url, timeout=_PATIENCE_S, headers={"Connection": "close"})
        answer.raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]
