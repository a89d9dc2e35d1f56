"""The smallest application for gunicorn, with which the web worker is tested: it says how long a body is."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from webapp.processes import web_worker
from webapp.web.live.clients import SocketClient

web_worker.ARRIVE_S = float(os.environ.get("TINY_ARRIVE_S", "60"))
web_worker.MOST_LARGE = 2


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the length of the body, with one that another thread goes on with, or not at all."""
    if environ["PATH_INFO"].startswith("/broken/"):
        raise RuntimeError(environ["REQUEST_METHOD"])
    if environ["PATH_INFO"] == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return _handed_over(environ["gunicorn.socket"].hand_over)
    if environ["PATH_INFO"] == "/hurried":
        environ["gunicorn.socket"].hurry(0.5)
    body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
    text = str(len(body)).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


def _handed_over(hand_over: Callable[[], socket.socket]) -> Iterator[bytes]:
    yield b"head"
    client = SocketClient(hand_over(), is_chunked=True)
    threading.Timer(0.5, _send_later, [client]).start()


def _send_later(client: SocketClient) -> None:
    client.send(b"later")
    client.end()
