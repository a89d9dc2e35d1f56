"""Structured logging: one JSON object a line, a constant event name with ids, never a person's data.

Libraries log in their own words; of an error they too say only what `bare_errors` lets through.
"""

import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog

from webapp.installation import bare_errors
from webapp.settings import Settings

_log = structlog.get_logger()


def configure(settings: Settings) -> None:
    """Log to standard error; report surprises to Sentry when a DSN is set."""
    lines = Lines(sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_bare_error,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: lines,
    )
    logging.setLogRecordFactory(_Record)
    _log_what_ends()
    if settings.sentry_dsn:
        from webapp.installation import sentry  # noqa: PLC0415 - a large client that few installations need

        sentry.report_to(settings.sentry_dsn)


def _with_bare_error(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say of an error what no person's data is in."""
    if (error := _error_of(line.pop("exc_info", None))) is not None:
        line["exception"] = bare_errors.traceback_of(error)
    return line


def _error_of(given: Any) -> BaseException | None:
    """The error that a line is about: itself, as `sys.exc_info` has it, or the one in hand."""
    if isinstance(given, BaseException):
        return given
    found: BaseException | None = (given if isinstance(given, tuple) else sys.exc_info())[1]
    return found if given else None


class _Record(logging.LogRecord):
    """What a library logs. Every handler takes the text of an error from here, where there is one."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.exc_info and self.exc_info[1] is not None:
            self.exc_text = bare_errors.traceback_of(self.exc_info[1])
        self.msg = _bare(self.msg)
        if isinstance(self.args, tuple):
            self.args = tuple(_bare(one) for one in self.args)


def _bare(value: Any) -> Any:
    return bare_errors.named(value) if isinstance(value, BaseException) else value


def _log_what_ends() -> None:
    """Say in the same way what ends a program or a thread, unless somebody else listens to that."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _tell_end
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _tell_end_of_thread


def _tell_end(_kind: type[BaseException], error: BaseException, _place: TracebackType | None) -> None:
    print(bare_errors.traceback_of(error), file=sys.stderr)  # noqa: T201 - in place of Python's own words


def _tell_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        _log.error("thread_failed", exc_info=ended.exc_value)


class Lines:
    """Writes lines to a file and never raises: work goes on where the disk is full or the terminal is gone.

    Lines that could not be written are counted; as soon as writing works again, a line gives their number.

    Args:
        file: None, as Python has it for a standard stream that is closed, takes nothing.
    """

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        # A buffer would keep what failed, and any later flush of the stream would fail with it.
        self._raw: Any = getattr(getattr(file, "buffer", None), "raw", None)
        self._lost = 0
        self._lock = threading.Lock()

    def msg(self, line: str) -> None:
        """Write a line, or count it as lost."""
        with self._lock:
            try:
                self._write(f"{self._loss()}{line}\n")
            except (OSError, ValueError):
                self._lost += 1
            else:
                self._lost = 0

    debug = info = warning = error = critical = exception = msg

    def _loss(self) -> str:
        """The line about lost lines, before the next one; the last lost one may have been written in part."""
        if not self._lost:
            return ""
        return "\n" + json.dumps({"event": "log_lines_lost", "level": "warning", "lines": self._lost}) + "\n"

    def _write(self, text: str) -> None:
        """Write all of a text.

        Raises:
            OSError: the file does not take it.
            ValueError: the file is closed.
        """
        if self._raw is not None:
            rest = text.encode(errors="backslashreplace")
            while rest:
                written = self._raw.write(rest)
                if written is None:
                    raise BlockingIOError
                rest = rest[written:]
        elif self._file is not None:
            self._file.write(text)
            self._file.flush()
