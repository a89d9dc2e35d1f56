"""Many rows in one statement of PostgreSQL, which takes them apart from one JSON text.

A statement for each row costs several times as much on both sides, even where the driver sends them together.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

Row = Sequence[Any]
Verb = Literal["insert", "insert_missing", "replace", "update"]

_DIALECT = PGDialect()  # type: ignore[no-untyped-call]
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
    if verb == "replace":
        places = [columns.index(name) for name in extra[0]]
        rows = list({tuple(row[place] for place in places): row for row in rows}.values())
    elif verb == "update":
        rows = list({row[-1]: row for row in rows}.values())
    names = [f"c{place}" for place in range(len(rows[0]))]
    text = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in rows]).decode()
    connection.exec_driver_sql(_statement(verb, table, columns, *extra), {"rows": text})


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
    if verb == "insert":
        return insert
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
