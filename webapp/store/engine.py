"""How the two databases are driven: pragmas, the kind of BEGIN, and the writers' turnstile.

SQLite lets one process write at a time. A transaction that reads first and writes later fails at once when
another one wrote in between, so writing transactions say so from the start (BEGIN IMMEDIATE). SQLite's own
waiting is unfair (a writer that comes back at once wins again), so writers queue at two file locks: who waits
for the second holds the first, and a newcomer waits behind.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

_WRITES = "twinbook_writes"


def configure(engine: Engine) -> None:
    """Make an engine behave as the rest of the store expects; called once for each engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def writing_engine(engine: Engine) -> Engine:
    """The same engine, whose transactions begin as writers."""
    return engine.execution_options(**{_WRITES: True})


@contextmanager
def turnstile(engine: Engine) -> Iterator[None]:
    """Wait for one's turn to write. On PostgreSQL nobody waits."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        yield
        return
    with _locked(Path(f"{path}.write-lock"), behind=Path(f"{path}.turnstile")):
        yield


@contextmanager
def _locked(path: Path, *, behind: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        first = os.open(behind, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(first, fcntl.LOCK_EX)
            fcntl.flock(handle, fcntl.LOCK_EX)
        finally:
            os.close(first)
        yield
    finally:
        os.close(handle)


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would begin late and as a reader; `_begin` does it instead.
    connection.isolation_level = None
    # A bulk run spreads every page of records over the indexes: copying pages back less often (64 MiB of
    # log instead of 4) halves what its commits cost, and a small cache loses nothing to the system's own.
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "busy_timeout = 10000",
        "cache_size = -8192",
        "wal_autocheckpoint = 16000",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")
