"""An application of this process, served to a browser."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from webapp.web.live import hub
from webapp.web.live.sse import hub_of

# A machine may be busy; whoever still works after that never ends.
_LAST_REQUEST_S = 120.0


class _OneRequest(WSGIRequestHandler):
    """Closes a connection behind its answer: browsers keep none, for which the end would wait."""

    protocol_version = "HTTP/1.0"
    # Browsers open connections on suspicion, over which nothing ever comes.
    timeout = 1


class _Server(ThreadedWSGIServer):
    """Knows the threads of its requests, so that nobody waits for another server's."""

    def __init__(self, app: Flask) -> None:
        super().__init__("127.0.0.1", 0, app, _OneRequest)
        self.requests: list[threading.Thread] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        self.requests.append(thread)
        thread.start()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serves the pages of an application that a test has filled, by threads of this process.

    Unlike in `tests.support.applications.served` no worker runs: runs stay in the state the test gave them.
    At the end every request is over, so that none reaches into the next test's database.

    Yields:
        Its address.

    Raises:
        RuntimeError: a request does not end.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = _Server(app)
    # It would look only twice a second whether it is to end.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hub, "KEEPALIVE_S", 0.1)
            patch.setattr(hub_of(app), "is_ending", lambda: True)
            hub_of(app).wake(None)
            for one in server.requests:
                one.join(_LAST_REQUEST_S)
                if one.is_alive():
                    raise RuntimeError(f"a request of the served application does not end:\n{_stacks()}")


def _stacks() -> str:
    """Where every thread of this process stands."""
    names = {one.ident: one.name for one in threading.enumerate()}
    return "\n".join(
        f"{names.get(ident)}:\n{''.join(traceback.format_stack(frame))}"
        for ident, frame in sys._current_frames().items()
    )
