"""Programs as child processes, each with its own log; the kernel ends them with their parent."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.processes.parent import PR_SET_PDEATHSIG
from webapp.processes.terminal import print_line


@dataclass(frozen=True)
class Surroundings:
    """The environment and options that programs are started with.

    Attributes:
        environment: of every program.
        folder: in which they run.
        log_folder: where what they print is kept, a file for each; without it they print to our terminal.
    """

    environment: Mapping[str, str]
    folder: Path
    log_folder: Path | None = None

    def log_path(self, name: str) -> Path | None:
        """The file of a program's output, if it has one."""
        return self.log_folder / f"{name}.log" if self.log_folder else None


class Program:
    """A running program.

    Raises:
        OSError: the system does not start it.
    """

    def __init__(self, name: str, command: Sequence[str], surroundings: Surroundings) -> None:
        log = _open_log(name, surroundings.log_path(name))
        try:
            self._process = subprocess.Popen(
                command,
                env=dict(surroundings.environment),
                cwd=surroundings.folder,
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

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """The exit code, or the negative number of the signal that ended it; None while it runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended; by force its own children are ended as well."""
        if number == signal.SIGKILL:
            if self._process.poll() is None:
                os.killpg(self._process.pid, number)
        else:
            self._process.send_signal(number)


def _open_log(name: str, path: Path | None) -> IO[bytes] | None:
    """Where a program prints to: our terminal, its log, or nowhere; it matters more than its log."""
    if path is None:
        return None
    try:
        return path.open("ab")
    except OSError as error:
        print_line(f"{name} runs without a log: {error.strerror}.", err=True)
        return Path(os.devnull).open("ab")


# Loaded before any fork: a child must not load libraries between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
