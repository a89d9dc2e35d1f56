"""Counts of rows by the values of an index's columns, each counted as far as is cheap.

`GROUP BY` reads every row. Here each group is found after the previous one by the index (a skip scan), and
counted up to a limit, so that the cost depends only on the number of groups.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select, true
from sqlalchemy.orm import Session, aliased

MOST_COUNTED = 10_000
"""The limit of counting, for a group or a list; pages say "this many or more"."""


def counted_groups(
    session: Session,
    table: Any,
    columns: Sequence[str],
    *,
    most: int | None = None,
    **fixed: Any,
) -> list[tuple[Any, ...]]:
    """The groups, each its values of the columns and how many rows it has.

    Args:
        session: Where to read.
        table: The class of the rows; it has an `id`.
        columns: By which they are grouped: in an index they follow those of `fixed`, in this order.
        most: As far as each is counted; `MOST_COUNTED` without it.
        fixed: By column, what all rows that are meant have.
    """
    query = _query(table, tuple(columns), tuple(sorted(fixed)), MOST_COUNTED if most is None else most)
    return [tuple(found) for found in session.execute(query, fixed)]


@cache
def _query(
    table: Any, columns: tuple[str, ...], fixed: tuple[str, ...], most: int
) -> Select[tuple[Any, ...]]:
    """The statement, with `fixed` as parameters: building it takes longer than the answer does."""

    def meant(rows: Any) -> ColumnElement[bool]:
        return and_(true(), *(getattr(rows, name) == bindparam(name) for name in fixed))

    row, counted = aliased(table), aliased(table)
    order = [getattr(row, name) for name in columns]
    first = select(row.id).where(meant(row)).order_by(*order, row.id).limit(1).scalar_subquery()
    groups = select(first.label("id")).cte("groups", recursive=True)
    values = [_value(table, name, groups) for name in columns]
    groups = groups.union_all(
        select(func.coalesce(*_following(row, values, meant(row), columns)))
        .select_from(groups)
        .where(groups.c.id.is_not(None))
    )
    values = [_value(table, name, groups) for name in columns]
    is_of_group = [getattr(counted, name) == value for name, value in zip(columns, values, strict=True)]
    # In the order of the index, without which PostgreSQL collects a whole group before it counts some of it.
    some = select(counted.id).where(meant(counted), *is_of_group).order_by(counted.id).limit(most)
    count = select(func.count()).select_from(some.correlate(groups).subquery()).scalar_subquery()
    return select(*values, count).select_from(groups).where(groups.c.id.is_not(None))


def _value(table: type[Any], name: str, groups: Any) -> Any:
    """The columns of the first row of a group: looked up, since for a join PostgreSQL may read the table."""
    first = aliased(table)
    return select(getattr(first, name)).where(first.id == groups.c.id).correlate(groups).scalar_subquery()


def _following(
    row: Any, values: Sequence[Any], is_meant: ColumnElement[bool], columns: Sequence[str]
) -> list[Any]:
    """The first row with the next value of the last column, else of the one before it, and so on.

    Comparing all columns at once would make SQLite read every row with the first value.
    """
    found: list[Any] = []
    for place in reversed(range(len(columns))):
        known = zip(columns[:place], values[:place], strict=True)
        same = [getattr(row, name) == value for name, value in known]
        is_next = getattr(row, columns[place]) > values[place]
        order = [getattr(row, name) for name in columns[place:]]
        query = select(row.id).where(is_meant, *same, is_next).order_by(*order, row.id).limit(1)
        found.append(query.correlate_except(row).scalar_subquery())
    return found
