"""Programs that belong together: started in order, restarted when they die, stopped together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from webapp.errors import TwinbookError
from webapp.processes.terminal import say

_DEATHS_ALLOWED = 5
_DEATHS_WITHIN_S = 60.0
_POLL_S = 0.2
# A system without memory or processes to spare is asked again after this.
_RETRY_S = 1.0
# Longer than the web gives its open requests and a worker its slice.
_STOP_S = 10.0
_PR_SET_PDEATHSIG = 1


class LaunchError(TwinbookError):
    """Something did not start, or died again and again; the message is for the person at the terminal."""


@dataclass
class Child:
    """A program that should be running; without a process it could not be started, and is tried again."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None
    retry_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=_DEATHS_ALLOWED))


class Supervisor:
    """Starts programs and stops them in reverse order at the end of a `with` block.

    Should it be killed itself, Linux ends the programs. It outlives a full disk, a closed terminal and a
    system that has no process to spare, as nobody would start it again.

    Args:
        environment: of every program.
        folder: in which they run.
        log_folder: where what they print is kept, a file for each; without it they print to our terminal.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, log_folder: Path | None = None) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._log_folder = log_folder
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self, *command: str, text: str = "") -> None:
        """Run a program to its end, with a text on its standard input.

        Raises:
            LaunchError: it failed; with what it said.
        """
        ended = subprocess.run(
            command,
            input=text,
            text=True,
            capture_output=True,
            check=False,
            env=self._environment,
            cwd=self._folder,
        )
        if ended.returncode != 0:
            raise LaunchError(f"{' '.join(command[1:])} failed:\n{ended.stdout}{ended.stderr}")

    def start(self, name: str, *command: str) -> None:
        """Start a program that should run until the end.

        Raises:
            LaunchError: the system does not start it.
        """
        try:
            self._children.append(Child(name, command, self._spawn(name, command)))
        except OSError as error:
            raise LaunchError(f"{name} does not start: {error.strerror}.") from error

    def watch(self) -> None:
        """Restart what dies, until interrupted.

        Raises:
            LaunchError: a program dies again and again.
        """
        while True:
            self.check()
            time.sleep(_POLL_S)

    def check(self) -> None:
        """Restart what has died.

        Raises:
            LaunchError: a program dies again and again.
        """
        for child in self._children:
            if child.process and child.process.poll() is not None:
                self._note_end(child, child.process.returncode)
            if child.process is None and time.monotonic() >= child.retry_at:
                self._restart(child)

    def stop(self) -> None:
        """Ask every program to end, the last one first; end by force what stays."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        processes = [child.process for child in self._children if child.process]
        for process in reversed(processes):
            process.terminate()
        deadline = time.monotonic() + _STOP_S
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _note_end(self, child: Child, code: int) -> None:
        child.deaths.append(time.monotonic())
        if len(child.deaths) == _DEATHS_ALLOWED and child.deaths[-1] - child.deaths[0] < _DEATHS_WITHIN_S:
            raise LaunchError(f"{child.name} ends again and again (exit {code}).{self._hint(child.name)}")
        say(f"{child.name} ended (exit {code}), and starts again.{self._hint(child.name)}", err=True)
        child.process = None

    def _restart(self, child: Child) -> None:
        try:
            child.process = self._spawn(child.name, child.command)
        except OSError as error:
            say(f"{child.name} does not start now: {error.strerror}. It is tried again.", err=True)
            child.retry_at = time.monotonic() + _RETRY_S

    def _spawn(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        log = self._opened_log(name)
        try:
            return subprocess.Popen(
                command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches us alone, so that the order of stopping is ours.
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - we have one thread
            )
        finally:
            if log:
                log.close()

    def _opened_log(self, name: str) -> IO[bytes] | None:
        """Where a program prints to: our terminal, its log, or nowhere; it matters more than its log."""
        if not self._log_folder:
            return None
        try:
            return self._log_path(name).open("ab")
        except OSError as error:
            say(f"{name} runs without a log: {error.strerror}.", err=True)
            return Path(os.devnull).open("ab")

    def _log_path(self, name: str) -> Path:
        return (self._log_folder or self._folder) / f"{name}.log"

    def _hint(self, name: str) -> str:
        return f" See {self._log_path(name)}." if self._log_folder else ""


# Loaded before any fork: a child must not load libraries between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
