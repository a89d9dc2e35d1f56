"""Lists of values in a statement as one parameter, so that its text, and the databases' plan, stay the same.

SQLite unfolds a JSON array, PostgreSQL takes an array. An `IN` with a hundred parameters would be rendered
anew each time, and SQLite reads a whole table for an `IN` with pairs.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.selectable import FromClause

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def among(session: Session, column: Column, values: Sequence[str] | Sequence[int]) -> ColumnElement[bool]:
    """Whether a column holds one of the values; of an empty list, none does."""
    if _is_sqlite(session):
        each = func.json_each(_as_json(values)).table_valued("value")
        return column.in_(select(each.c.value))
    kind = BigInteger() if values and isinstance(values[0], int) else Text()
    return column == any_(bindparam(None, list(values), ARRAY(kind)))


def pairs(session: Session, values: Sequence[tuple[str, str]] | Sequence[tuple[str, int]]) -> FromClause:
    """The pairs as a table with the columns `a` and `b`, to be joined to an index on both."""
    if _is_sqlite(session):
        each = func.json_each(_as_json(values)).table_valued("value")
        return select(
            func.json_extract(each.c.value, "$[0]").label("a"),
            func.json_extract(each.c.value, "$[1]").label("b"),
        ).subquery()
    kind = BigInteger() if values and isinstance(values[0][1], int) else Text()
    first = bindparam(None, [a for a, _ in values], ARRAY(Text()))
    second = bindparam(None, [b for _, b in values], ARRAY(kind))
    return func.unnest(first, second).table_valued("a", "b")


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _as_json(values: Any) -> str:
    return msgspec.json.encode(values).decode()
