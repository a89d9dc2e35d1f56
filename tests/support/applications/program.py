"""The programs that tests start, each a process of its own that a test can kill.

An operator's `python worker.py` imports everything first, which takes a second of a core. Here the process is
forked from one that has imported it already, and then runs the same file in the same way: with its own
environment, folder, session and output, and with the templates that were compiled before. That a fresh
interpreter can do it is tested where nothing else is (`tests/launch`, `tests/guards`).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.scratch import scratch_folder
from tests.support.suite import forked
from tests.support.suite.secrets_in_output import hear

_START_S = 120.0

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.support.suite.imported"])


class Program:
    """A Python file or module that runs with its arguments, as the first process of a session.

    Args:
        command: A file with the ending `.py`, or a module, and its arguments.
        environment: All of its environment.
        folder: Where it runs.
        log: To what its output is added.
        errors: To what its errors are added, where not to its output.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        errors: Path | None = None,
    ) -> None:
        compiled = Flask.jinja_options.get("bytecode_cache")
        outputs = (str(log), str(errors or log))
        arguments = (list(command), dict(environment), str(folder), outputs, compiled)
        self._process = _server.Process(target=forked.run, args=arguments)
        self._process.start()
        self._await_session()

    @property
    def pid(self) -> int:
        """Its number, and that of its session."""
        assert self._process.pid is not None
        return self._process.pid

    def has_ended(self) -> bool:
        """Whether it is over."""
        return not self._process.is_alive()

    def ended(self, limit_s: float) -> int | None:
        """Wait for its end; its exit code, None where it did not end in time and was ended at once."""
        self._process.join(limit_s)
        code = self._process.exitcode
        self.end(signal.SIGKILL, limit_s)
        return code

    def end(self, number: signal.Signals, limit_s: float) -> None:
        """End it, and at once all that it started, where it is killed or does not end in time."""
        if number == signal.SIGKILL:
            self._kill_all()
        elif not self.has_ended():
            os.kill(self.pid, number)
        self._process.join(limit_s)
        if not self.has_ended():
            self._kill_all()
            self._process.join(limit_s)
        self._process.close()

    def _kill_all(self) -> None:
        if not self.has_ended():
            os.killpg(self.pid, signal.SIGKILL)

    def _await_session(self) -> None:
        deadline = time.monotonic() + _START_S
        while not self.has_ended() and os.getpgid(self.pid) != self.pid:
            if time.monotonic() > deadline:
                raise RuntimeError("the program did not start")
            time.sleep(0.001)


class Ended(NamedTuple):
    """How a program has ended, and what it has printed."""

    returncode: int | None
    stdout: str
    stderr: str


def run_to_end(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> Ended:
    """Run a program; its output and its errors are kept apart."""
    with scratch_folder("twinbook-program-") as kept:
        output, errors = kept / "output", kept / "errors"
        program = Program(command, environment=environment, folder=folder, log=output, errors=errors)
        ended = Ended(
            program.ended(PATIENCE_S),
            output.read_text("utf-8", "replace"),
            errors.read_text("utf-8", "replace"),
        )
        for text in (ended.stdout, ended.stderr):
            hear("a program", text)
        return ended
