"""SQLite files for tests: migrated once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.applications.app import migrate


class SqliteFiles:
    """A migrated template file and the copies made of it, one at a time and all in the same place."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        self._copy = folder / "twinbook.db"
        migrate(f"sqlite:///{self._template}", folder / "instance")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yields the URL of a migrated, empty database."""
        shutil.copyfile(self._template, self._copy)
        try:
            yield f"sqlite:///{self._copy}"
        finally:
            for left in self._copy.parent.glob(f"{self._copy.name}*"):
                left.unlink()
