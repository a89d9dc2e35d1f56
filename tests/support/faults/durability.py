"""Which commits wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event

_FULL = 2
_SEEN = "statements of this transaction"


class Commit(NamedTuple):
    """A transaction that wrote: whether its commit waits for the disk, and its statements."""

    is_durable: bool
    statements: tuple[str, ...]

    def writes(self, table: str) -> bool:
        """Whether it inserts rows into a table."""
        verbs = (f"INSERT INTO {table} ", f"COPY {table} ")
        return any(one.startswith(verbs) for one in self.statements)

    def moves_a_checkpoint(self) -> bool:
        """Whether it moves a run on."""
        return any(one.startswith("UPDATE runs SET") and "checkpoint" in one for one in self.statements)


@contextmanager
def commits() -> Iterator[list[Commit]]:
    """Fills with what is committed meanwhile, in order.

    Whether SQLite waits is asked of the connection at its commit. PostgreSQL waits unless a transaction asks
    for less; it cannot be asked, since the tests' own server is set up never to wait.
    """
    found: list[Commit] = []

    def begin(connection: Connection) -> None:
        connection.info[_SEEN] = []

    def record_statement(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        connection.info.setdefault(_SEEN, []).append(statement)

    def commit(connection: Connection) -> None:
        statements = tuple(connection.info[_SEEN])
        if connection.dialect.name == "sqlite":
            handle: Any = connection.connection.dbapi_connection
            [synchronous] = handle.execute("PRAGMA synchronous").fetchone()
            is_durable = synchronous >= _FULL
        else:
            is_durable = not any("synchronous_commit" in one for one in statements)
        found.append(Commit(is_durable, statements))

    listeners = (("begin", begin), ("before_cursor_execute", record_statement), ("commit", commit))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield found
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)
