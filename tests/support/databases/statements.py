"""What is asked of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[list[str]]:
    """Fills with the text of every statement that is sent to a database meanwhile."""
    found: list[str] = []

    def record_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", record_statement)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", record_statement)


class Sent(NamedTuple):
    """A statement as a driver was given it; `without_scans`: PostgreSQL was to avoid reading tables."""

    sql: str
    parameters: Any
    without_scans: bool


@contextmanager
def sent_statements() -> Iterator[list[Sent]]:
    """Fills with every statement that is sent meanwhile, of several alike rows with the first."""
    found: list[Sent] = []
    avoiding: set[Any] = set()

    def record(
        connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: Any
    ) -> None:
        transaction = connection.get_transaction()
        if statement.startswith("SET LOCAL enable_seqscan"):
            avoiding.add(transaction)
        given = parameters[0] if is_many else parameters
        found.append(Sent(statement, given, transaction in avoiding))

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", record)
