"""The worker as an operator runs it, `python worker.py`, that a test can kill."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.app import environment
from webapp.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_STOP_S = 15.0
# Generous: it is how long a test waits before it gives up, on a machine that is busy with other things.
_LIMIT_S = 90.0
_POLL_S = 0.05


class WorkerProcess:
    """A supervisor with one worker and the schedule, in a process group of its own."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._log = folder / "worker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it needs a moment until it works."""
        known = {field.name.upper() for field in dataclasses.fields(Settings)}
        inherited = {key: value for key, value in os.environ.items() if key not in known}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "worker.py"), "--workers", "1"],
                env=inherited | {"PYTHONPATH": str(ROOT)} | environment(self._settings),
                cwd=self._log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End all of it at once, as a power cut does."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_S)
            self._process = None

    def kill_child(self) -> None:
        """End the worker alone; the supervisor has to notice."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for pid in children:
            os.kill(int(pid), signal.SIGKILL)

    def stop(self) -> None:
        """Tell it to end, and wait until it has."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
            self._process = None
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """What it has printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def wait_until(question: Callable[[], bool], what: str, limit_s: float = _LIMIT_S) -> None:
    """Poll until the answer is yes.

    Raises:
        AssertionError: it never was; `what` says what was waited for.
    """
    deadline = time.monotonic() + limit_s
    while not question():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(_POLL_S)
