"""Keeps parts running: starts each again that ends or could not be started, and stops all of them in order.

A part is anything that starts a process: a forked function (`webapp.processes.forked`) or a program
(`webapp.processes.program`). The supervisor outlives a full disk and a system that has no process to spare,
since nobody would start it again.
"""

import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from webapp.errors import TwinbookError

# With no memory or process to spare, the next start is tried after this.
RETRY_S = 1.0
# Longer than the web gives its open requests and a worker its slice.
_STOP_S = 10.0
_DEATHS_WITHIN_S = 60.0
_POLL_S = 0.02


class EndsAgainError(TwinbookError):
    """A part ends again and again."""

    def __init__(self, name: str, code: int) -> None:
        super().__init__(f"{name} ends again and again (exit {code}).")
        self.name = name


class Process(Protocol):
    """A process as the supervisor handles it."""

    @property
    def pid(self) -> int:
        """Its number."""

    def exit_code(self) -> int | None:
        """The exit code, or the negative number of the signal that ended it; None while it runs."""

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""


Start = Callable[[], Process]
"""Starts a part's process; raises OSError where the system does not start it."""


@dataclass(frozen=True)
class Policy:
    """How parts are restarted, and what is called then.

    Attributes:
        pause_s: between an end and the next start, so that what ends at once does not keep the machine busy.
        deaths_allowed: in a minute; None allows any number.
        on_end: is given a part's name, process number and exit code.
        on_failed_start: is given a part's name and the system's error.
    """

    pause_s: float
    on_end: Callable[[str, int, int], None]
    on_failed_start: Callable[[str, OSError], None]
    deaths_allowed: int | None = None


@dataclass
class _Part:
    name: str
    start: Start
    process: Process | None = None
    retry_at: float = 0.0
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """The parts that should be running, in the order in which they were added."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._parts: list[_Part] = []

    def add(self, name: str, start: Start, *, must_start: bool = False) -> None:
        """Start a part, and keep it running from now on.

        Raises:
            OSError: with `must_start`, the system does not start it.
        """
        part = _Part(name, start)
        if must_start:
            part.process = start()
        else:
            self._start(part)
        self._parts.append(part)

    def check(self) -> None:
        """Start what has ended or could not be started, once its pause is over.

        Raises:
            EndsAgainError: a part ends more often than the policy allows.
        """
        for part in self._parts:
            if part.process is not None and (code := part.process.exit_code()) is not None:
                self._take_end(part, part.process.pid, code)
            if part.process is None and time.monotonic() >= part.retry_at:
                self._start(part)

    def stop(self) -> None:
        """Ask every part to end, the last one first; end by force what stays."""
        processes = [part.process for part in reversed(self._parts) if part.process]
        for process in processes:
            process.send(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_S
        for process in processes:
            if not _has_ended_by(process, deadline):
                # The work of a lost worker is resumed at its checkpoint.
                process.send(signal.SIGKILL)
                _has_ended_by(process, time.monotonic() + _STOP_S)

    def _take_end(self, part: _Part, pid: int, code: int) -> None:
        now = time.monotonic()
        part.process, part.retry_at = None, now + self._policy.pause_s
        part.deaths.append(now)
        while now - part.deaths[0] > _DEATHS_WITHIN_S:
            part.deaths.popleft()
        if self._policy.deaths_allowed is not None and len(part.deaths) >= self._policy.deaths_allowed:
            raise EndsAgainError(part.name, code)
        self._policy.on_end(part.name, pid, code)

    def _start(self, part: _Part) -> None:
        try:
            part.process = part.start()
        except OSError as error:
            part.retry_at = time.monotonic() + RETRY_S
            self._policy.on_failed_start(part.name, error)


def _has_ended_by(process: Process, deadline: float) -> bool:
    """Wait for a process's end, until the monotonic clock shows the deadline."""
    while process.exit_code() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True
