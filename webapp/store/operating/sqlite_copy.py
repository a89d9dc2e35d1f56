"""SQLite: a copy of one moment by its online backup, and back."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, UpdateBase, create_engine

from webapp.errors import RefusedError
from webapp.store.operating import contents

NAME = "database.sqlite"


@contextmanager
def frozen_copy(engine: Engine, folder: Path) -> Iterator[Connection]:
    """Write a copy into a folder, while others go on writing; yields a connection to it.

    Raises:
        RefusedError: the copy is damaged, or its disk is full.
    """
    path = folder / NAME
    with (
        closing(_opened(engine)) as source,
        _writable(folder.parent),
        closing(sqlite3.connect(path)) as target,
    ):
        # In one step all pages are those of one moment, and no write makes the copy start again.
        source.backup(target)
        # One file is easier to keep than one with a log beside it.
        target.execute("PRAGMA journal_mode = DELETE")
        _insist_on_whole(target, path)
    with _read(path) as connection:
        yield connection


def counts_of(path: Path) -> dict[str, int]:
    """How many rows a copy has in each table."""
    with _read(path) as connection:
        return contents.counts(connection)


def put_back(engine: Engine, path: Path, changes: Sequence[UpdateBase]) -> None:
    """Have the database be what a copy is behind these changes, in one transaction.

    Raises:
        RefusedError: the copy is damaged, another process has the database open, or its disk is full.
    """
    engine.dispose()
    with closing(sqlite3.connect(path)) as source, closing(_opened(engine, timeout_s=0.5)) as target:
        _insist_on_whole(source, path)
        _insist_on_being_alone(target)
        with _writable(path):
            _change(path, changes)
        with _writable(Path(engine.url.database or "")):
            source.backup(target)


@contextmanager
def _read(path: Path) -> Iterator[Connection]:
    copy = create_engine(f"sqlite:///{path}")
    try:
        with copy.connect() as connection:
            yield connection
    finally:
        copy.dispose()


def _change(path: Path, changes: Sequence[UpdateBase]) -> None:
    copy = create_engine(f"sqlite:///{path}")
    try:
        with copy.begin() as connection:
            for one in changes:
                connection.execute(one)
    finally:
        copy.dispose()


@contextmanager
def _writable(place: Path) -> Iterator[None]:
    """What SQLite cannot write, as on a full disk, is refused; the file is as it was."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise RefusedError("backup_unwritable", file=str(place), answer=str(error)) from error


def _opened(engine: Engine, *, timeout_s: float = 10.0) -> sqlite3.Connection:
    return sqlite3.connect(engine.url.database or "", timeout=timeout_s)


def _insist_on_whole(copy: sqlite3.Connection, path: Path) -> None:
    [(answer,), *_] = copy.execute("PRAGMA integrity_check(1)").fetchall()
    if answer != "ok":
        raise RefusedError("backup_damaged", file=path.name, answer=answer)


def _insist_on_being_alone(target: sqlite3.Connection) -> None:
    """Only who is alone may leave the mode in which the application works; it comes back by itself."""
    try:
        target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise RefusedError("database_in_use") from error
