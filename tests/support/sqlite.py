"""SQLite files for tests: migrated once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.app import migrate


class SqliteFiles:
    """A migrated template file and the copies made of it."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        migrate(f"sqlite:///{self._template}", folder / "instance")

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """Yields the URL of a migrated, empty database in the folder."""
        path = folder / "twinbook.db"
        shutil.copyfile(self._template, path)
        yield f"sqlite:///{path}"
