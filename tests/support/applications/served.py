"""The whole application as an operator runs it: gunicorn and worker processes, against a sandbox portal."""

from __future__ import annotations

import dataclasses
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.support.applications.app import ROOT, program_environment
from tests.support.applications.program import Program
from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.smtp import free_port
from webapp.settings import Settings

_START_S = 120.0
_STOP_S = 15.0


class ServedApp:
    """A running application.

    Attributes:
        url: its address.
        port: the port of that.
        settings: what it was started with; `public_url` is the address, unless a proxy stands before it.
        worker: the process of `worker.py`, which has the worker processes as its children.
    """

    def __init__(self, settings: Settings, folder: Path, threads: int = 32) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        is_behind = settings.trusted_proxies > 0
        self.settings = settings if is_behind else dataclasses.replace(settings, public_url=self.url)
        self._folder = folder
        configuration = str(ROOT / "gunicorn.conf.py")
        self.web = self._spawn(
            "web",
            *("gunicorn", "-c", configuration, "--threads", str(threads)),
            *("--bind", f"127.0.0.1:{self.port}", "webapp:create_app()"),
        )
        self.worker = self.start_worker()

    def start_worker(self, workers: int = 1) -> Program:
        """Start `worker.py`."""
        self.worker = self._spawn("worker", str(ROOT / "worker.py"), "--workers", str(workers))
        return self.worker

    def kill_worker(self) -> None:
        """End the worker and its children at once, as a power cut does."""
        self.worker.end(signal.SIGKILL, _STOP_S)

    def log(self, name: str) -> str:
        """What `web` or `worker` has printed."""
        return (self._folder / f"{name}.log").read_text(errors="replace")

    def await_answer(self) -> None:
        """Wait until pages are served.

        Raises:
            RuntimeError: they are not; with the log.
        """
        deadline = time.monotonic() + _START_S
        while True:
            try:
                requests.get(f"{self.url}/login", timeout=PATIENCE_S).raise_for_status()
            except requests.RequestException:
                if self.web.has_ended() or time.monotonic() > deadline:
                    raise RuntimeError(f"the web did not start:\n{self.log('web')}") from None
                time.sleep(0.05)
            else:
                return

    def _spawn(self, name: str, *command: str) -> Program:
        return Program(
            command,
            environment=program_environment(self.settings),
            folder=self._folder,
            log=self._folder / f"{name}.log",
        )


@contextmanager
def served(settings: Settings, folder: Path, threads: int = 32) -> Iterator[ServedApp]:
    """Runs the application on a migrated database.

    Args:
        settings: of the application.
        folder: for its logs.
        threads: of each web process; fewer than an operator's, which few tests need.
    """
    app = ServedApp(settings, folder, threads)
    try:
        app.await_answer()
        yield app
    finally:
        app.worker.end(signal.SIGTERM, _STOP_S)
        # A browser may still listen to a live log, for which every friendlier end waits five seconds.
        app.web.end(signal.SIGKILL, _STOP_S)
