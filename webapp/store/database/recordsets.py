"""Many rows in one statement of PostgreSQL: inserted by COPY, else taken apart from one JSON text.

A statement for each row costs several times as much on both sides, even where the driver sends them together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Literal

import msgspec
from sqlalchemy import JSON, Connection, LargeBinary, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from webapp.models.base import UtcDateTime

Row = Sequence[Any]
Verb = Literal["insert", "insert_missing", "replace", "update"]

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]
_COPY = "COPY "
_json_encoder = msgspec.json.Encoder()
# Fewer rows gain nothing, and a driver's own statement is plainer to whoever reads the database's log.
_FEWEST_ROWS = 4


def fits(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> bool:
    """Whether these rows are worth it, and can be written as JSON."""
    has_bytes = any(isinstance(table.c[name].type, LargeBinary) for name in columns)
    return len(rows) >= _FEWEST_ROWS and not has_bytes


def write(
    connection: Connection,
    verb: Verb,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    *extra: tuple[str, ...],
) -> None:
    """Write rows whose values stand in the order of `columns`.

    One statement may touch no row twice: of several rows about one the last counts, as if they were written
    one after the other.

    Args:
        connection: The connection of a writing transaction.
        verb: What is done with them.
        table: Where.
        columns: The columns; of an update, `id` stands behind them.
        rows: The values.
        extra: Of a replacement the unique columns, of an update the column that is raised by 1.
    """
    if verb == "insert":
        connection.exec_driver_sql(_copy_statement(table, columns), _copied(table, columns, rows))
        return
    if verb == "replace":
        places = [columns.index(name) for name in extra[0]]
        rows = list({tuple(row[place] for place in places): row for row in rows}.values())
    elif verb == "update":
        rows = list({row[-1]: row for row in rows}.values())
    names = [f"c{place}" for place in range(len(rows[0]))]
    text = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode()
    connection.exec_driver_sql(_statement(verb, table, columns, *extra), {"rows": text})


def copy_in(cursor: Any, statement: str, rows: Sequence[Row], _context: Any) -> bool:
    """Carry a COPY out where SQLAlchemy has the driver execute a statement for many rows.

    So errors, and connections that end, are told as those of any other statement.

    Returns:
        Whether it was one.
    """
    if not statement.startswith(_COPY):
        return False
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True


@cache
def _copy_statement(table: Table, columns: tuple[str, ...]) -> str:
    quote = _DIALECT.identifier_preparer.quote
    return f"{_COPY}{quote(table.name)} ({', '.join(map(quote, columns))}) FROM STDIN"


def _copied(table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The rows as COPY takes them: JSON and times as texts."""
    given: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for place, name in enumerate(columns):
        column_type = table.c[name].type
        if isinstance(column_type, JSON):
            given[place] = map(_json_text, given[place])
        elif isinstance(column_type, UtcDateTime):
            given[place] = map(_time_text, given[place])
    return list(zip(*given, strict=True))


def _json_text(value: Any) -> str | None:
    return None if value is None else _json_encoder.encode(value).decode()


@lru_cache(maxsize=1024)
def _time_text(moment: datetime | None) -> str | None:
    """A time as PostgreSQL reads it; the rows of a page share most of theirs."""
    return moment.isoformat() if moment is not None else None


@cache
def _statement(verb: Verb, table: Table, columns: tuple[str, ...], *extra: tuple[str, ...]) -> str:
    quote = _DIALECT.identifier_preparer.quote
    given = (*columns, "id") if verb == "update" else columns
    types = [table.c[name].type.compile(dialect=_DIALECT) for name in given]
    typed = ", ".join(f"c{place} {one}" for place, one in enumerate(types))
    source = f"json_to_recordset(CAST(%(rows)s AS json)) AS given({typed})"
    name = quote(table.name)
    if verb == "update":
        return _update(name, quote, columns, source, raised=extra[0][0])
    values = ", ".join(f"given.c{place}" for place in range(len(columns)))
    insert = f"INSERT INTO {name} ({', '.join(map(quote, columns))}) SELECT {values} FROM {source}"  # noqa: S608 - our own names
    if verb == "insert_missing":
        return f"{insert} ON CONFLICT DO NOTHING"
    changed = ", ".join(f"{quote(one)} = excluded.{quote(one)}" for one in columns if one not in extra[0])
    return f"{insert} ON CONFLICT ({', '.join(map(quote, extra[0]))}) DO UPDATE SET {changed}"


def _update(name: str, quote: Any, columns: tuple[str, ...], source: str, *, raised: str) -> str:
    """An update that locks its rows in the order of their ids: of two that meet one waits, and none fails."""
    changed = [f"{quote(one)} = given.c{place}" for place, one in enumerate(columns)]
    changed += [f"{quote(raised)} = {name}.{quote(raised)} + 1"] if raised else []
    number = f"c{len(columns)}"
    return (
        f"WITH given AS MATERIALIZED (SELECT * FROM {source}), held AS MATERIALIZED ("  # noqa: S608 - our own names
        f"SELECT {name}.id FROM {name} JOIN given ON {name}.id = given.{number}"
        f" ORDER BY {name}.id FOR NO KEY UPDATE OF {name})"
        f" UPDATE {name} SET {', '.join(changed)} FROM held JOIN given ON given.{number} = held.id"
        f" WHERE {name}.id = held.id"
    )
