"""Disks whose power is cut: of each file what a process last waited for is left.

`Forgetful` has ordinary files. A small library, loaded before the C library, notes each `fsync` and
`fdatasync` and copies what the file holds then; everything written later is lost with the power. That is the
worst that a disk may do to what nobody waited for. It needs a C compiler and no rights.

`Device` is a block device with a file system of its own. With the power goes what the system holds in memory;
what has reached the device is mounted again, as after a restart, by way of the journal. It needs root.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.applications.app import ROOT, program_environment
from tests.support.applications.program import Program
from webapp.settings import Settings

_SOURCE = Path(__file__).with_suffix(".c")
_MODULE = "tests.support.faults.power_cut_actions"
_LIMIT_S = 120
_DEVICE_BYTES = 64 * 2**20


class Disk(ABC):
    """A database on a disk.

    Args:
        live: The folder in which it is.
        kept: The folder in which what is left appears.
    """

    def __init__(self, live: Path, kept: Path) -> None:
        self._live, self._kept = live, kept
        self.database = live / "twinbook.db"

    def run(self, settings: Settings, action: str, *arguments: str) -> None:
        """Run an action of `tests.support.faults.power_cut_actions` in a process that cuts its own power.

        Raises:
            AssertionError: it ended in another way.
        """
        environment = program_environment(settings) | dict(self._begin())
        log = self._live.parent / "power_cut.log"
        code = self._run([_MODULE, action, *arguments], environment, log)
        self._end()
        assert code == -signal.SIGKILL, log.read_text(errors="replace")

    def _run(self, command: list[str], environment: Mapping[str, str], log: Path) -> int | None:
        """Run a module with arguments to its end; its exit code."""
        return Program(command, environment=environment, folder=ROOT, log=log).ended(_LIMIT_S)

    @abstractmethod
    def _begin(self) -> Mapping[str, str]:
        """Take what is there now as written; returns what the process's environment needs."""

    @abstractmethod
    def _end(self) -> None:
        """The power is gone, and comes back."""

    def left(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds once the power is back."""
        return _rows(self._kept / self.database.name, statement, values)

    def written(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What it would have found without the cut."""
        return _rows(self.database, statement, values)


class Forgetful(Disk):
    """Ordinary files in an empty folder, of which what was waited for is kept aside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "live", folder / "kept")
        self._live.mkdir()
        self._library = folder / "power_cut.so"
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE), "-ldl"]
        subprocess.run(command, check=True)

    def _begin(self) -> Mapping[str, str]:
        shutil.copytree(self._live, self._kept)
        return {
            "LD_PRELOAD": str(self._library),
            "POWER_CUT_LIVE": os.path.realpath(self._live),
            "POWER_CUT_KEPT": str(self._kept),
        }

    def _run(self, command: list[str], environment: Mapping[str, str], log: Path) -> int | None:
        """In a new interpreter: the library is loaded when a process begins."""
        with log.open("wb") as output:
            return subprocess.run(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
                timeout=_LIMIT_S,
                check=False,
            ).returncode

    def _end(self) -> None:
        """What was kept aside is what is left."""


class Device(Disk):
    """A block device with a file system, both made in an empty folder; use as a context.

    Raises:
        PermissionError: the system lets us mount nothing.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "live", folder / "kept")
        self._image, self._copy = folder / "device", folder / "device-after"

    @classmethod
    @contextmanager
    def mounted(cls, folder: Path) -> Iterator[Device]:
        """One that is there as long as the block lasts.

        Raises:
            PermissionError: the system lets us mount nothing.
        """
        device = cls(folder)
        with device._image.open("wb") as image:
            image.truncate(_DEVICE_BYTES)
        try:
            _command("mkfs.ext4", "-q", str(device._image))
            _mount(device._image, device._live)
            yield device
        finally:
            for place in (device._kept, device._live):
                if place.is_mount():
                    _command("umount", str(place))

    def _begin(self) -> Mapping[str, str]:
        _command("sync", "--file-system", str(self._live))
        return {}

    def _end(self) -> None:
        shutil.copyfile(self._image, self._copy)
        _mount(self._copy, self._kept)


def _mount(image: Path, place: Path) -> None:
    """Mount, so that the system itself writes nothing back while a test lasts."""
    place.mkdir()
    _command("mount", "-o", "loop,commit=600", str(image), str(place))


def _command(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise PermissionError(f"{command[0]} is not there") from error
    except subprocess.CalledProcessError as error:
        raise PermissionError(error.stderr.strip()) from error


def _rows(database: Path, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(database)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()
