"""Answers of the portal that are given before something happens, and arrive only behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask, current_app

from tests.support.applications.worker_process import wait_until
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.sandbox_server import SandboxServer


@contextmanager
def answered_before(
    sandbox: SandboxServer, work: Callable[[], object], *, method: str, path: str, after: int = 0
) -> Iterator[None]:
    """Have work done in a thread, of whose calls the portal answers one with what it holds before the block.

    The answer arrives behind the block, and the work is over then.

    Args:
        sandbox: The portal.
        work: What reads.
        method: Of the call that is held.
        path: Of that call.
        after: How many calls like it pass first.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> None:
        with app.app_context():
            work()

    sandbox.fault("hold", method=method, path=path, after=after)
    thread = Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: sandbox.held() == 1, "the answer is held")
    try:
        yield
    finally:
        sandbox.release()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()
