"""The worker as an operator runs it, `python worker.py`, that a test can kill."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.support.applications.app import ROOT, program_environment
from tests.support.applications.program import Program
from tests.support.clocks.patience import PATIENCE_S
from webapp.settings import Settings

_STOP_S = 15.0
_POLL_S = 0.05


class WorkerProcess:
    """A supervisor with its workers and the schedule, in a process group of its own.

    Args:
        settings: What it works with.
        folder: Where it runs.
        log: What its output is added to; a file in the folder where none is given.
        program: The file that it runs.
        workers: How many workers it has.
        environment: Variables besides the settings.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        log: Path | None = None,
        *,
        program: Path = ROOT / "worker.py",
        workers: int = 1,
        environment: Mapping[str, str] = {},
    ) -> None:
        self._command = [str(program), "--workers", str(workers)]
        self._environment = program_environment(settings) | dict(environment)
        self._folder = folder
        self._log = log or folder / "worker.log"
        self._program: Program | None = None

    def start(self) -> None:
        """Start it; it needs a moment until it works."""
        self._program = Program(
            self._command,
            environment=self._environment,
            folder=self._folder,
            log=self._log,
        )

    def kill(self) -> None:
        """End all of it at once, as a power cut does."""
        self._end(signal.SIGKILL)

    def kill_child(self) -> None:
        """End the worker and the schedule alone; the supervisor has to notice."""
        for child in self.children():
            os.kill(child, signal.SIGKILL)

    def children(self) -> set[int]:
        """The worker and the schedule."""
        assert self._program is not None
        pid = self._program.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def stop(self) -> None:
        """Tell it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._program is not None:
            self._program.end(number, _STOP_S)
            self._program = None

    def log(self) -> str:
        """What it has printed, where that is kept."""
        return self._log.read_text(errors="replace") if self._log.is_file() else ""


def wait_until(question: Callable[[], bool], what: str, limit_s: float = PATIENCE_S) -> None:
    """Poll until the answer is yes.

    Raises:
        AssertionError: it never was; `what` says what was waited for.
    """
    deadline = time.monotonic() + limit_s
    while not question():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain until {what}")
        time.sleep(_POLL_S)
