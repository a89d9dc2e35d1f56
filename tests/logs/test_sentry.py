"""What is reported to Sentry says where a surprise happened, and nothing about anybody."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli
import pytest

from tests.support.applications.app import ROOT, program_environment
from webapp.settings import Settings

pytestmark = pytest.mark.one_database

SECRET = "eve-4711"
# As Sentry's client sends it: by brotli where that is there.
_DECODED: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


class Listener(ThreadingHTTPServer):
    """A server that keeps what it was sent, and the headers of what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sent: list[bytes] = []
        self.requests: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sent.append(_DECODED[self.headers["Content-Encoding"]](body))
        self._answer()

    def do_GET(self) -> None:
        self.server.requests.append(str(self.headers).lower())
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _listening() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def sentry() -> Iterator[Listener]:
    with _listening() as server:
        yield server


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    with _listening() as server:
        yield server


def _events(sentry: Listener) -> list[dict[str, Any]]:
    lines = [json.loads(line) for body in sentry.sent for line in body.splitlines() if line]
    return [line for line in lines if "platform" in line]


def _surprise(settings: Settings, sentry: Listener, elsewhere: Listener) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "tests.logs.surprised"),
            *(SECRET, f"http://localhost:{elsewhere.server_port}"),
        ],
        env=program_environment(settings) | {"SENTRY_DSN": f"http://key@127.0.0.1:{sentry.server_port}/1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "500"), ended.stderr


def test_a_report_holds_the_place_of_a_surprise_and_no_value(
    settings: Settings, sentry: Listener, elsewhere: Listener
) -> None:
    _surprise(settings, sentry, elsewhere)
    surprise, *logged = sorted(_events(sentry), key=lambda event: "exception" not in event)
    cause, error = surprise["exception"]["values"]
    assert (cause["type"], error["type"]) == ("ValueError", "SurpriseError")
    assert [frame["function"] for frame in error["stacktrace"]["frames"]][-1] == "surprise"
    assert (surprise["transaction"], surprise["request"]["method"]) == ("probe", "POST")
    assert [event.get("logentry") for event in logged] == [{"message": "It went wrong: %s"}, {}]
    crumbs = surprise["breadcrumbs"]["values"]
    assert {"query", "redis", "httplib", "subprocess", "a_library"} <= {crumb["category"] for crumb in crumbs}
    assert [body for body in sentry.sent if SECRET.encode() in body] == []


def test_other_services_are_not_drawn_into_our_traces(
    settings: Settings, sentry: Listener, elsewhere: Listener
) -> None:
    _surprise(settings, sentry, elsewhere)
    (headers,) = elsewhere.requests
    assert "sentry" not in headers
