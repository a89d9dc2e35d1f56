"""Many rows in one driver call: the hot path of a bulk run.

SQLAlchemy compiles the statement once a dialect; the rows then go straight to the driver's `executemany`,
with the same conversions of times and JSON that it would apply. On PostgreSQL they go as one value
(`webapp.store.database.recordsets`).
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from itertools import repeat
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import JSON, Boolean, Dialect, Table, bindparam, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import Executable

from webapp.models.base import UtcDateTime
from webapp.store.database import recordsets

Row = Sequence[Any]

_json_encoder = msgspec.json.Encoder()
_LENGTH_OF_TIME = len("2026-11-30 12:00:00.000000")


class _Prepared(NamedTuple):
    """A statement for one dialect.

    `order` is the place in our rows of each value as the driver takes them; `names` is None where it takes
    them by position.
    """

    sql: str
    order: tuple[int, ...]
    names: tuple[str, ...] | None
    converters: tuple[tuple[int, Callable[[Sequence[Any]], Iterable[Any]]], ...]


def insert_rows(session: Session, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert rows whose values are in the order of `columns`."""
    _run(session, "insert", table, columns, rows)


def insert_missing_rows(
    session: Session, table: Table, columns: tuple[str, ...], rows: Sequence[Row]
) -> None:
    """Insert rows, leaving those alone that are there already."""
    _run(session, "insert_missing", table, columns, rows)


def update_rows(
    session: Session, table: Table, columns: tuple[str, ...], rows: Sequence[Row], *, raised: str = ""
) -> None:
    """Update rows by `id`, which comes last in each row, after the values of `columns`; add 1 to `raised`."""
    _run(session, "update", table, columns, rows, (raised,))


def replace_rows(
    session: Session, table: Table, columns: tuple[str, ...], keys: tuple[str, ...], rows: Sequence[Row]
) -> None:
    """Insert rows, or update those that are there already by the unique columns `keys`."""
    _run(session, "replace", table, columns, rows, keys)


def _run(
    session: Session,
    verb: recordsets.Verb,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Row],
    *extra: tuple[str, ...],
) -> None:
    if not rows:
        return
    connection = session.connection()
    dialect = connection.dialect.name
    if dialect == "postgresql" and recordsets.fits(table, columns, rows):
        recordsets.write(connection, verb, table, columns, rows, *extra)
        return
    prepared = _prepare(dialect, _BUILD[verb], table, columns, *extra)
    taken = _as_taken(rows, prepared)
    if prepared.names is None:
        connection.exec_driver_sql(prepared.sql, taken)
    else:
        connection.exec_driver_sql(
            prepared.sql, [dict(zip(prepared.names, row, strict=True)) for row in taken]
        )


def _as_taken(rows: Sequence[Row], prepared: _Prepared) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them; column by column, which is several times quicker than row by row."""
    given = tuple(zip(*rows, strict=True))
    columns: list[Iterable[Any]] = [given[place] for place in prepared.order]
    for place, convert in prepared.converters:
        values = given[prepared.order[place]]
        # Most times of a page are one and the same; equal ones may be written otherwise, like 1 and 1.0.
        is_one = len({*map(id, values)}) == 1
        columns[place] = repeat(next(iter(convert(values[:1]))), len(values)) if is_one else convert(values)
    return list(zip(*columns, strict=True))


@cache
def _prepare(
    dialect_name: str,
    build: Callable[..., Executable],
    table: Table,
    columns: tuple[str, ...],
    *extra: tuple[str, ...],
) -> _Prepared:
    """Compile for a dialect, and find which columns its driver cannot take as they are."""
    dialect = _dialect(dialect_name)
    compiled = build(dialect_name, table, columns, *extra).compile(dialect=dialect)  # type: ignore[attr-defined]
    given = (*columns, "row_id") if build is _update_statement else columns
    taken = tuple(compiled.positiontup) if compiled.positional else given
    converters = []
    for place, name in enumerate(taken):
        convert = None if name == "row_id" else _converter(table, name, dialect)
        if convert is not None:
            converters.append((place, convert))
    return _Prepared(
        str(compiled),
        tuple(given.index(name) for name in taken),
        None if compiled.positional else taken,
        tuple(converters),
    )


def _converter(
    table: Table, column: str, dialect: Dialect
) -> Callable[[Sequence[Any]], Iterable[Any]] | None:
    """What makes of a column's values those that the driver takes; None where they are the same."""
    column_type = table.c[column].type.dialect_impl(dialect)
    if dialect.name == "sqlite" and isinstance(column_type, JSON):
        return _json_texts
    if isinstance(column_type, UtcDateTime):
        # The rows of a page share most of their times.
        return partial(map, lru_cache(maxsize=1024)(_time_converter(column_type, dialect)))
    if dialect.name == "sqlite" and isinstance(column_type, Boolean):
        return None  # its driver takes them as the numbers that they are
    convert: Callable[[Any], Any] | None = column_type.bind_processor(dialect)
    return partial(map, convert) if convert is not None else None


def _time_converter(column_type: UtcDateTime, dialect: Dialect) -> Callable[[datetime | None], Any]:
    """A time as the driver takes it; SQLite keeps the text that SQLAlchemy would make, only made quicker."""
    is_text = dialect.name == "sqlite"

    def convert(value: datetime | None) -> Any:
        if is_text and value is not None and value.tzinfo is UTC:
            return value.isoformat(" ", "microseconds")[:_LENGTH_OF_TIME]
        moment = column_type.process_bind_param(value, dialect)
        return moment.isoformat(" ", "microseconds") if moment and is_text else moment

    return convert


def _json_texts(values: Sequence[Any]) -> list[str | None]:
    """JSON as SQLite keeps it; several times quicker than the standard library."""
    encode = _json_encoder.encode
    return [None if value is None else encode(value).decode() for value in values]


@cache
def _dialect(name: str) -> Dialect:
    if name == "sqlite":
        return sqlite.dialect()
    from sqlalchemy.dialects.postgresql.psycopg import dialect  # noqa: PLC0415 - needs the driver

    return dialect()  # type: ignore[no-untyped-call]


def _insert(dialect_name: str, table: Table) -> Any:
    return sqlite.insert(table) if dialect_name == "sqlite" else postgresql.insert(table)


def _insert_statement(dialect_name: str, table: Table, columns: tuple[str, ...]) -> Executable:
    statement: Executable = _insert(dialect_name, table).values({name: bindparam(name) for name in columns})
    return statement


def _insert_missing_statement(dialect_name: str, table: Table, columns: tuple[str, ...]) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    statement: Executable = _insert(dialect_name, table).values(values).on_conflict_do_nothing()
    return statement


def _replace_statement(
    dialect_name: str, table: Table, columns: tuple[str, ...], keys: tuple[str, ...]
) -> Executable:
    insert = _insert(dialect_name, table).values({name: bindparam(name) for name in columns})
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    statement: Executable = insert.on_conflict_do_update(index_elements=list(keys), set_=changed)
    return statement


def _update_statement(
    _dialect_name: str, table: Table, columns: tuple[str, ...], raised: tuple[str]
) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    if raised[0]:
        values[raised[0]] = table.c[raised[0]] + literal_column("1")
    return table.update().where(table.c.id == bindparam("row_id")).values(values)


_BUILD: dict[recordsets.Verb, Callable[..., Executable]] = {
    "insert": _insert_statement,
    "insert_missing": _insert_missing_statement,
    "replace": _replace_statement,
    "update": _update_statement,
}
