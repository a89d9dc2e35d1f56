"""A disk whose power is cut: of each file what a process last waited for is left.

The files are ordinary ones. A small library, loaded before the C library, notes each `fsync` and `fdatasync`
and copies what the file holds then; everything written later is lost with the power. That is the worst that a
disk may do to what nobody waited for. It needs a C compiler and no rights.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.app import ROOT, program_environment
from webapp.settings import Settings

_SOURCE = Path(__file__).with_suffix(".c")
_LIMIT_S = 120


class Disk:
    """A database on such a disk.

    Args:
        folder: An empty one.
    """

    def __init__(self, folder: Path) -> None:
        self._live, self._kept = folder / "live", folder / "kept"
        self._live.mkdir()
        self.database = self._live / "twinbook.db"
        self._library = folder / "power_cut.so"
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)

    def run(self, settings: Settings, action: str, *arguments: str) -> None:
        """Let a process do something by `tests.support.power_cut_actions`, until it cuts the power itself.

        Raises:
            AssertionError: it ended in another way.
        """
        shutil.copytree(self._live, self._kept)
        environment = program_environment(settings) | {
            "LD_PRELOAD": str(self._library),
            "POWER_CUT_LIVE": os.path.realpath(self._live),
            "POWER_CUT_KEPT": str(self._kept),
        }
        ended = subprocess.run(
            [sys.executable, "-m", "tests.support.power_cut_actions", action, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    def left(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds once the power is back."""
        return _rows(self._kept / self.database.name, statement, values)

    def written(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What it would have found without the cut."""
        return _rows(self.database, statement, values)


def _rows(database: Path, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()
