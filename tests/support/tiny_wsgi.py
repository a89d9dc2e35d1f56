"""The smallest application for gunicorn, with which the web worker is tested: it says how long a body is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from webapp.processes import web_worker

web_worker.ARRIVE_S = float(os.environ.get("TINY_ARRIVE_S", "60"))
web_worker.MOST_LARGE = 2


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the length of the body."""
    body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
    text = str(len(body)).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
