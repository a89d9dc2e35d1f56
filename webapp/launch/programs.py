"""The programs of `make demo` and `make serve`, restarted when they end, and stopped together."""

import signal
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from webapp.errors import TwinbookError
from webapp.processes.program import Program, Surroundings
from webapp.processes.supervisor import EndsAgainError, Policy, Supervisor
from webapp.processes.terminal import print_line

_DEATHS_ALLOWED = 5
_POLL_S = 0.2


class LaunchError(TwinbookError):
    """Something did not start, or ended again and again; the message is for the person at the terminal."""


class Programs:
    """Starts programs and stops them in reverse order at the end of a `with` block.

    Args:
        environment: of every program.
        folder: in which they run.
        log_folder: where what they print is kept, a file for each; without it they print to our terminal.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, log_folder: Path | None = None) -> None:
        self._surroundings = Surroundings(dict(environment), folder, log_folder)
        self._supervisor = Supervisor(Policy(0.0, self._report_end, _report_failed_start, _DEATHS_ALLOWED))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self, *command: str, text: str = "") -> None:
        """Run a program to its end, with a text on its standard input.

        Raises:
            LaunchError: it failed; with its output.
        """
        ended = subprocess.run(
            command,
            input=text,
            text=True,
            capture_output=True,
            check=False,
            env=dict(self._surroundings.environment),
            cwd=self._surroundings.folder,
        )
        if ended.returncode != 0:
            raise LaunchError(f"{' '.join(command[1:])} failed:\n{ended.stdout}{ended.stderr}")

    def start(self, name: str, *command: str) -> None:
        """Start a program that should run until the end.

        Raises:
            LaunchError: the system does not start it.
        """
        try:
            self._supervisor.add(name, partial(Program, name, command, self._surroundings), must_start=True)
        except OSError as error:
            raise LaunchError(f"{name} does not start: {error.strerror}.") from error

    def watch(self) -> None:
        """Restart what ends, until interrupted.

        Raises:
            LaunchError: a program ends again and again.
        """
        while True:
            self.check()
            time.sleep(_POLL_S)

    def check(self) -> None:
        """Restart what has ended.

        Raises:
            LaunchError: a program ends again and again.
        """
        try:
            self._supervisor.check()
        except EndsAgainError as error:
            raise LaunchError(f"{error}{self._hint(error.name)}") from error

    def stop(self) -> None:
        """Ask every program to end, the last one first; end by force what stays."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._supervisor.stop()

    def _report_end(self, name: str, _pid: int, code: int) -> None:
        print_line(f"{name} ended (exit {code}), and starts again.{self._hint(name)}", err=True)

    def _hint(self, name: str) -> str:
        path = self._surroundings.log_path(name)
        return f" See {path}." if path else ""


def _report_failed_start(name: str, error: OSError) -> None:
    print_line(f"{name} does not start now: {error.strerror}. It is tried again.", err=True)
