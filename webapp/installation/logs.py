"""Structured logging: one JSON object a line, a constant event name with ids, never a person's data."""

import json
import logging
import sys
import threading
from typing import Any, TextIO

import structlog

from webapp.settings import Settings


def configure(settings: Settings) -> None:
    """Log to standard error; report surprises to Sentry when a DSN is set."""
    lines = Lines(sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: lines,
    )
    if settings.sentry_dsn:
        from webapp.installation import sentry  # noqa: PLC0415 - a large client that few installations need

        sentry.report_to(settings.sentry_dsn)


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
