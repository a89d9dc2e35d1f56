"""Where the servers and databases of tests keep their files: in memory, where the system has room there.

Nothing of a test outlives it, and a commit that waits for a disk costs more than most tests. Tests of what is
durable look at what SQLite and PostgreSQL are asked for, never at the disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.suite.secrets_in_output import hear_of_a_server

_MEMORY = Path("/dev/shm")  # noqa: S108 - every folder in it gets a name that nobody can guess
# Of all processes of a run; a container often has 64 MB there.
_ROOM_BYTES = 2 * 2**30


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A folder of its own, which is gone afterwards with all that is in it."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_place(), ignore_cleanup_errors=True) as name:
        yield Path(name)
        hear_of_a_server(Path(name))


def _place() -> Path | None:
    """The folder in memory, or None for the usual one."""
    if not os.access(_MEMORY, os.W_OK | os.X_OK) or shutil.disk_usage(_MEMORY).free < _ROOM_BYTES:
        return None
    return _MEMORY
