"""Lists of values in a statement as one parameter, so that its text, and the databases' plan, stay the same.

SQLite unfolds a JSON array, PostgreSQL takes an array, which `send_at_once` writes. An `IN` with a hundred
parameters would be rendered again each time, and SQLite reads a whole table for an `IN` with pairs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, Text, any_, bindparam, func, not_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.selectable import CompoundSelect, FromClause

_NUL = "\0"

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def among(session: Session, column: Column, values: Sequence[str] | Sequence[int]) -> ColumnElement[bool]:
    """Whether a column holds one of the values; of an empty list, none does."""
    dialect = dialect_of(session)
    return _is_one_of(
        dialect, column, bindparam(None, parameter(dialect, values), _list_type(dialect, column))
    )


def among_many(session: Session, column: Column, values: Sequence[int]) -> ColumnElement[bool]:
    """Like `among`, for rows that are read one by one: PostgreSQL would compare each with a whole array."""
    if dialect_of(session) == "sqlite":
        return among(session, column, values)
    return column.in_(select(func.unnest(bindparam(None, list(values), ARRAY(BigInteger())))))


def among_found(
    session: Session, column: Column, numbers: Select[Any] | CompoundSelect[Any]
) -> ColumnElement[bool]:
    """Whether a column holds one of the numbers that a query finds; all of these are found first.

    Of what a subquery finds PostgreSQL expects that it is spread over any order, and would follow that order
    until it has met a few. Of an array it looks each number up.
    """
    if dialect_of(session) == "sqlite":
        return column.in_(numbers)
    return column == any_(func.array(numbers.scalar_subquery()))


def unindexed(column: Column) -> ColumnElement[Any]:
    """What a column holds, said so that no index is chosen because of it.

    Without statistics SQLite expects ten rows of each value at the beginning of an index, though a connection
    may have a million; it would go through all of them rather than look up a list.
    """
    return func.coalesce(column, 0 if column.type.python_type is int else "")


def has_row(query: Select[Any]) -> ColumnElement[bool]:
    """Whether a query, which names the row at hand, finds any: looked up for each row that is met.

    An EXISTS may be planned as a join, for which PostgreSQL reads all of both tables, however few are wanted.
    """
    return query.limit(1).scalar_subquery().is_not(None)


def has_no_row(numbers: Select[Any]) -> ColumnElement[bool]:
    """The opposite, of a query for numbers above 0.

    Of a comparison PostgreSQL expects that every third row passes, of `IS NULL` that hardly any does: then it
    sorts all rows instead of going through them in order until there are enough.
    """
    return func.coalesce(numbers.limit(1).scalar_subquery(), 0) < 1


def listed(dialect: str, column: Column, name: str) -> ColumnElement[bool]:
    """Whether a column holds one of the values of the parameter `name`, in a statement that is built once.

    The list is given as `parameter(dialect, values)`.
    """
    return _is_one_of(dialect, column, bindparam(name, type_=_list_type(dialect, column)))


def paired(dialect: str, name: str, second: Column) -> FromClause:
    """A list of pairs as a table with the columns `a` and `b`, to be joined to an index on both.

    Its parameters come from `pair_parameters(dialect, name, values)`; `b` is what the column `second` holds.
    """
    if dialect == "sqlite":
        each = func.json_each(bindparam(name, type_=Text())).table_valued("value")
        return select(
            func.json_extract(each.c.value, "$[0]").label("a"),
            func.json_extract(each.c.value, "$[1]").label("b"),
        ).subquery()
    firsts = bindparam(f"{name}_a", type_=ARRAY(Text()))
    seconds = bindparam(f"{name}_b", type_=_list_type(dialect, second))
    return func.unnest(firsts, seconds).table_valued("a", "b").render_derived()


def found_by(
    dialect: str,
    table: Any,
    name: str,
    columns: Sequence[ColumnElement[Any]],
    most: int,
    *,
    unless: ColumnElement[bool] | None = None,
    but: Callable[[Any], ColumnElement[bool]] | None = None,
    within: Mapping[str, Any] | None = None,
    number: str = "id",
    is_lowest: bool = False,
) -> Select[Any]:
    """The numbers of rows whose column, or two columns, hold a listed value; of each value at most so many.

    A value that very many rows share would else cost what a table costs. The values are given as
    `parameter(dialect, values)`, or for two columns as `pair_parameters(dialect, name, pairs)`.

    Args:
        dialect: The database.
        table: Where the rows are.
        name: What the parameter of the values is called.
        columns: The column, or both.
        most: How many rows of each value.
        unless: A column; rows where it is true are left out.
        but: Whether a row is left out for another reason, given the table as it is called there.
        within: What other columns hold, in all rows that count.
        number: The column of the number.
        is_lowest: Whether they are those of the lowest numbers, for which an index has to have that order.
    """
    other = table.alias()
    other_columns = [other.c[column.name] for column in columns]
    values_table: Any
    if len(columns) > 1:
        values_table = paired(dialect, name, columns[1])
        values = [values_table.c.a, values_table.c.b]
    elif dialect == "sqlite":
        values_table = func.json_each(bindparam(name, type_=Text())).table_valued("value")
        values = [values_table.c.value]
    else:
        unnested = func.unnest(bindparam(name, type_=_list_type(dialect, columns[0])))
        values_table = unnested.table_valued("value").render_derived()
        values = [values_table.c.value]
    same = [column == value for column, value in zip(other_columns, values, strict=True)]
    if unless is not None:
        same.append(other.c[unless.name].is_(False))
    if but is not None:
        same.append(not_(but(other)))
    same += [other.c[column] == value for column, value in (within or {}).items()]
    some = select(other.c[number].label("id")).where(*same).limit(most)
    if is_lowest:
        some = some.order_by(other.c[number])
    if dialect == "sqlite":
        # It has no LATERAL, and would read the row of each number that a join with the table names.
        numbers = some.correlate(values_table).subquery()
        array = select(func.json_group_array(numbers.c.id)).scalar_subquery()
        each = func.json_each(array).table_valued("value")
        return select(each.c.value.label("id")).join_from(values_table, each, true())
    few = some.correlate(values_table).lateral()
    return select(few.c.id).join_from(values_table, few, true())


def parameter(dialect: str, values: Sequence[Any]) -> Any:
    """A list as the database takes it."""
    return msgspec.json.encode(values).decode() if dialect == "sqlite" else list(values)


def pair_parameters(dialect: str, name: str, values: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The parameters of a list of pairs."""
    if dialect == "sqlite":
        return {name: parameter(dialect, values)}
    return {f"{name}_a": [a for a, _ in values], f"{name}_b": [b for _, b in values]}


def send_at_once(connection: Any, _record: Any) -> None:
    """Let a new connection to PostgreSQL write lists of texts, and of numbers, at once.

    Its driver writes each value by itself, which costs several times as much as to collect them.
    """
    connection.adapters.register_dumper(list, _dumper_of_lists())


def array_text(values: Sequence[Any]) -> str | None:
    """A list as PostgreSQL reads an array; None unless all of it are texts, or all of it numbers."""
    types = set(map(type, values))
    if types == {int}:
        return f"{{{','.join(map(str, values))}}}"
    if types != {str}:
        return None
    joined = _NUL.join(values)
    if joined.count(_NUL) != len(values) - 1:
        return None  # PostgreSQL keeps no NUL, and the driver says so
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_NUL, '","')
    return f'{{"{escaped}"}}'


@cache
def _dumper_of_lists() -> type:
    from psycopg.types.array import ListDumper  # noqa: PLC0415 - needs the driver

    class DumperAtOnce(ListDumper):
        """Writes a list as an array."""

        def dump(self, obj: list[Any]) -> Any:
            """What is sent for a list."""
            text = array_text(obj)
            return super().dump(obj) if text is None else text.encode(self._tx.encoding)

    return DumperAtOnce


def dialect_of(session: Session) -> str:
    """Which database it is: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def _is_one_of(dialect: str, column: Column, values: ColumnElement[Any]) -> ColumnElement[bool]:
    if dialect == "sqlite":
        each = func.json_each(values).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(values)


def _list_type(dialect: str, column: Column) -> Any:
    if dialect == "sqlite":
        return Text()
    return ARRAY(BigInteger() if column.type.python_type is int else Text())
