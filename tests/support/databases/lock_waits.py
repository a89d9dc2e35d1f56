"""Who has waited for whose lock, as PostgreSQL itself writes it into its log."""

from __future__ import annotations

import re
from pathlib import Path

WATCHING = (
    "log_lock_waits = on",
    "log_connections = on",
    "deadlock_timeout = '1s'",
    "log_line_prefix = '%p %a '",
)
"""The settings of a server that tells."""

_CALLED = re.compile(r"^(\d+) .*connection authorized: .*application_name=(\S+)", re.MULTILINE)
_WAITS = re.compile(r"^(\d+) .*LOG: +(process \d+ still waiting .*)\n.*DETAIL: +(.*)", re.MULTILINE)
_REFUSED = re.compile(
    r"^(\d+) .*ERROR: +((?:canceling statement due to lock timeout|deadlock detected).*)", re.MULTILINE
)
_NUMBER = re.compile(r"\d+")


class LockWaits:
    """What a server tells from now on.

    Args:
        log: The server's log.
        name: How the connections are called that others must not wait for.
    """

    def __init__(self, log: Path, name: str) -> None:
        self._log = log
        self._name = name
        self._from = log.stat().st_size

    def for_it(self) -> list[str]:
        """Where others have waited for a second for one of its locks, or behind one that it waited for."""
        text = self._new_text()
        its = self._connections(text)
        return [
            f"{waits}: {detail}"
            for process, waits, detail in _WAITS.findall(text)
            if process not in its and its & set(_NUMBER.findall(detail))
        ]

    def refused(self) -> list[str]:
        """Where others got no lock in the time that they had."""
        text = self._new_text()
        its = self._connections(text)
        return [why for process, why in _REFUSED.findall(text) if process not in its]

    def _connections(self, text: str) -> set[str]:
        return {process for process, name in _CALLED.findall(text) if name == self._name}

    def _new_text(self) -> str:
        return self._log.read_bytes()[self._from :].decode(errors="replace")
