"""An HTTP server that answers from a script: for answers that a well-behaved portal gives only by chance."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "pat-na1-a-secret-never-to-be-seen"


@dataclass
class Answer:
    """One scripted answer.

    `cut` ends the connection `before` or `within` it, or lets it hang (`never`); `slow` is the part of it
    that comes byte by byte, the `head` or the `body`, and never to its end.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: str | None = None
    slow: str | None = None

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Request:
    """What the portal was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.content.decode()).items()}


class ScriptedPortal:
    """Answers in the order of its script and keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.requests: list[Request] = []
        self.url = ""
        self.closing = threading.Event()

    def will(self, status: int = 200, body: Any = None, **more: Any) -> ScriptedPortal:
        """Adds an answer to the script."""
        self.script.append(Answer(status, body, **more))
        return self

    def paths(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]


@contextmanager
def scripted_portal(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedPortal]:
    """Runs a portal on a free port of this machine."""
    portal = ScriptedPortal()
    server = _Server(("127.0.0.1", 0), _handler_of(portal))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    portal.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield portal
    finally:
        portal.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


_HEAD = b"HTTP/1.1 200 OK\r\n"
_BEGINNINGS = {"head": _HEAD + b"X-Slow: ", "body": _HEAD + b"Content-Length: 1000000\r\n\r\n"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A refused handshake is what some tests are about, and nothing to print."""


def _handler_of(portal: ScriptedPortal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            portal.requests.append(Request(self.command, parts.path, query, dict(self.headers), content))
            answer = portal.script.pop(0) if portal.script else Answer(599, {"message": "beyond the script"})
            if answer.slow is not None:
                return _trickle(self, portal, _BEGINNINGS[answer.slow])
            if answer.cut == "never":
                portal.closing.wait(10)
            return self._hang_up() if answer.cut in {"before", "never"} else self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            body = answer.content()
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if answer.cut == "within":
                self.wfile.write(body[: len(body) // 2])
                return self._hang_up()
            self.wfile.write(body)
            return None

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that the server looks for

        def _hang_up(self) -> None:
            self.wfile.flush()
            with suppress(OSError):  # the client may have hung up first
                self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Stays silent."""

    return Handler


def _trickle(handler: BaseHTTPRequestHandler, portal: ScriptedPortal, begin: bytes) -> None:
    """Send a byte now and then, until nobody listens."""
    handler.close_connection = True
    with suppress(OSError):
        handler.wfile.write(begin)
        while not portal.closing.wait(0.02):
            handler.wfile.write(b" ")
