"""The whole application as an operator runs it: gunicorn and worker processes, against a sandbox portal."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.support.app import environment
from tests.support.smtp import free_port
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_START_S = 30.0
_STOP_S = 15.0


class ServedApp:
    """A running application.

    Attributes:
        url: its address.
        settings: what it was started with; `public_url` is the address.
        worker: the process of `worker.py`, which has the worker processes as its children.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.settings = dataclasses.replace(settings, public_url=self.url)
        self._folder = folder
        configuration = str(ROOT / "gunicorn.conf.py")
        self.web = self._spawn(
            "web",
            *("-m", "gunicorn", "-c", configuration, "--threads", "32"),
            *("--bind", f"127.0.0.1:{port}", "webapp:create_app()"),
        )
        self.worker = self.start_worker()

    def start_worker(self, workers: int = 1) -> subprocess.Popen[bytes]:
        """Start `worker.py`."""
        self.worker = self._spawn("worker", str(ROOT / "worker.py"), "--workers", str(workers))
        return self.worker

    def kill_worker(self) -> None:
        """End the worker and its children at once, as a power cut does."""
        end(self.worker, signal.SIGKILL)

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
                requests.get(f"{self.url}/login", timeout=5).raise_for_status()
            except requests.RequestException:
                if self.web.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the web did not start:\n{self.log('web')}") from None
                time.sleep(0.05)
            else:
                return

    def _spawn(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        inherited = {key: value for key, value in os.environ.items() if key not in _SETTINGS}
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                env=inherited | {"PYTHONPATH": str(ROOT)} | environment(self.settings),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


_SETTINGS = {field.name.upper() for field in dataclasses.fields(Settings)}


@contextmanager
def served(settings: Settings, folder: Path) -> Iterator[ServedApp]:
    """Runs the application on a migrated database."""
    app = ServedApp(settings, folder)
    try:
        app.await_answer()
        yield app
    finally:
        end(app.worker, signal.SIGTERM)
        # A browser may still listen to a live log, for which every friendlier end waits five seconds.
        end(app.web, signal.SIGKILL)


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """End a process that was started in a session of its own, with all that it started."""
    if process.poll() is None:
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
