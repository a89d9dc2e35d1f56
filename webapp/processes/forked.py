"""A function as a child process, forked without writing anything, so that a full disk does not prevent it."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import structlog

from webapp.errors import SettingsError
from webapp.processes.parent import die_with_parent

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_log = structlog.get_logger()


class ForkedProcess:
    """A process that runs one function and ends.

    Before the function has its own way to stop, the child just ends at a signal.

    Raises:
        OSError: the system has no process to spare.
    """

    def __init__(self, name: str, function: Callable[[], None]) -> None:
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _run(name, function, parent)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        self._code: int | None = None

    def exit_code(self) -> int | None:
        """The exit code, or the negative number of the signal that ended it; None as long as it runs."""
        if self._code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                # We were started with SIGCHLD ignored: the system keeps no codes then.
                pid, status = self.pid, 0
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.exit_code() is None:
            os.kill(self.pid, number)


def _run(name: str, function: Callable[[], None], parent: int) -> NoReturn:
    """Be the child: nothing of the parent's own code may run here."""
    code = 1
    try:
        die_with_parent(parent)
        for kind in STOP_SIGNALS:
            signal.signal(kind, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        function()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except SettingsError as error:
        _log.error("process_refused", what=name, error=str(error))
    except BaseException:  # noqa: BLE001 - reported with its traceback; the supervisor sees the exit code
        _log.exception("process_failed", what=name)
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
