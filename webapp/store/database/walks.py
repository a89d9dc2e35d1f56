"""Pages of a list that consists of stretches, each in the order of an index.

So a list can go by relevance, or have what is blank at its end, and still no page counts or skips rows.
"""

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct, convert
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Integer, Select, func, literal, select
from sqlalchemy.orm import Session

from webapp.models.base import UtcDateTime
from webapp.store.database.pages import Moment, Number, Page, Text, cursor, place_of

_T = TypeVar("_T")
# The conditions of rows that follow each other in an index.
_Part = tuple[ColumnElement[bool], ...]
Narrow = Callable[[Select[Any]], Select[Any]]

LOOKED_THROUGH = 3_000
"""So many rows of an order are looked through for a page: enough where one in fifty is shown."""


class Stretch(Struct, frozen=True):
    """Rows in one order.

    Attributes:
        key: the column in whose order they are; rows with the same are in the order of their numbers.
        conditions: which rows they are; they may name further tables.
        is_descending: whether the last comes first.
        is_long: whether it is known to have very many rows.
    """

    key: Any
    conditions: tuple[ColumnElement[bool], ...] = ()
    is_descending: bool = False
    is_long: bool = False

    def narrowed(self, *conditions: ColumnElement[bool]) -> "Stretch":
        """The rows of it that fulfil further conditions as well."""
        return replace(self, conditions=(*self.conditions, *conditions))

    @property
    def is_by_number(self) -> bool:
        """Whether the numbers alone are the order."""
        return isinstance(self.key.type, Integer)


class Place(Struct, frozen=True):
    """A place in a list: the stretch, and the key and number of a row in it."""

    stretch: int
    key: Any
    number: int

    @property
    def cursor(self) -> str:
        """The place as an address carries it."""
        return cursor(self.stretch, "" if isinstance(self.key, int) else self.key, self.number)


class Row(Struct, Generic[_T], frozen=True):
    """A row, or the values of some of its columns, with its place."""

    place: Place
    row: _T


def place_in(stretches: Sequence[Stretch], given: str) -> Place | None:
    """The place that a cursor names; None where it is empty, or somebody made it up."""
    found = place_of(given, tuple[Number, Text, Number])
    if found is None or found[0] >= len(stretches):
        return None
    stretch, key, number = found
    if isinstance(stretches[stretch].key.type, UtcDateTime):
        try:
            return Place(stretch, convert(key, Moment), number)
        except ValueError:
            return None
    return Place(stretch, key, number)


def page_of(
    session: Session,
    table: type[_T],
    stretches: Sequence[Stretch],
    narrow: Narrow,
    *,
    after: str,
    before: str,
    limit: int,
    otherwise: Narrow | None = None,
) -> Page[_T]:
    """A page of a list, behind or before a place.

    A list of few rows that are far apart in its order is better read in another way. So with `otherwise` the
    order is followed for `LOOKED_THROUGH` rows; where they do not fill the page, it is read that way.

    Args:
        session: Where to read.
        table: The class of the rows; it has an `id`.
        stretches: The list.
        narrow: Leaves rows out that the list does not show.
        after: A cursor, behind which the page lies.
        before: Or one, before which it lies.
        limit: How many rows are shown at most.
        otherwise: Leaves the same rows out as `narrow`, by finding the others first.
    """
    behind, ahead = place_in(stretches, after), place_in(stretches, before)
    is_backwards = ahead is not None and behind is None
    start = ahead if is_backwards else behind
    follow = partial(walk, session, table, stretches, start=start, limit=limit + 1, is_backwards=is_backwards)
    found = follow(narrow, is_short=otherwise is not None)
    if otherwise is not None and len(found) <= limit:
        found = _with_rows(session, table, [one.place for one in follow(otherwise, columns=())])
    has_more, found = len(found) > limit, found[:limit]
    if is_backwards:
        found.reverse()
    has_next = has_more if not is_backwards else True
    has_previous = has_more if is_backwards else start is not None
    return Page(
        [one.row for one in found],
        next=found[-1].place.cursor if found and has_next else "",
        previous=found[0].place.cursor if found and has_previous else "",
        is_first=not has_previous,
    )


def _with_rows(session: Session, table: type[_T], places: Sequence[Place]) -> list[Row[_T]]:
    """The rows at these places: only what is shown is read whole, and not all that is sorted."""
    numbers = [place.number for place in places]
    rows = {row.id: row for row in session.scalars(select(table).where(_id(table).in_(numbers)))}  # type: ignore[attr-defined]
    return [Row(place, rows[place.number]) for place in places if place.number in rows]


def walk(
    session: Session,
    table: type[_T],
    stretches: Sequence[Stretch],
    narrow: Narrow,
    *,
    limit: int,
    start: Place | None = None,
    is_backwards: bool = False,
    columns: Sequence[Any] | None = None,
    is_short: bool = False,
) -> list[Row[Any]]:
    """The next rows behind a place, or before it.

    Args:
        session: Where to read.
        table: The class of the rows; it has an `id`.
        stretches: The list.
        narrow: Leaves rows out that the list does not show.
        limit: How many rows are found at most.
        start: The place; None for an end of the list.
        is_backwards: Whether it is left towards the beginning.
        columns: Only the values of these are read, where they are given.
        is_short: Whether it ends with the first stretch of which it has looked through `LOOKED_THROUGH` rows.
    """
    found: list[Row[_T]] = []
    places = range(len(stretches))
    for place in reversed(places) if is_backwards else places:
        is_past = start is not None and (place > start.stretch if is_backwards else place < start.stretch)
        if is_past or len(found) >= limit:
            continue
        here = start if start is not None and place == start.stretch else None
        way = _Way(table, stretches[place], is_backwards)
        end = _last_looked_at(session, way, place, here) if is_short else None
        for part in way.parts(here, end):
            query = narrow(way.query(part)).limit(max(limit - len(found), 0))
            if columns is None:
                rows: Any = session.execute(query)
                found += [Row(Place(place, key, row.id), row) for row, key in rows]
            else:
                rows = session.execute(query.with_only_columns(_id(table), way.stretch.key, *columns))
                found += [Row(Place(place, key, number), values) for number, key, *values in rows]
            if len(found) >= limit:
                break
        if end is not None:
            break  # what follows in this stretch comes before the next one
    return found


class _Way(NamedTuple):
    """A stretch in one of its two directions."""

    table: Any
    stretch: Stretch
    is_backwards: bool

    @property
    def is_descending(self) -> bool:
        return self.stretch.is_descending != self.is_backwards

    def query(self, part: _Part) -> Select[Any]:
        """The rows of a part in their order."""
        order = [self.stretch.key] if self.stretch.is_by_number else [self.stretch.key, self.table.id]
        query = select(self.table, self.stretch.key).where(*self.stretch.conditions, *part)
        return query.order_by(*((column.desc() for column in order) if self.is_descending else order))

    def parts(self, start: Place | None, end: Place | None = None) -> list[_Part]:
        """The rows behind one place and before another, as ranges that follow each other.

        The rows with the key of a place are a range of their own: SQLite looks a pair of key and number up by
        the key alone, and so would read every row that has it.
        """
        key = self.stretch.key
        number = key if self.stretch.is_by_number else self.table.id
        behind, before = (operator.lt, operator.gt) if self.is_descending else (operator.gt, operator.lt)
        first: _Part = () if start is None else (behind(number, start.number),)
        last: _Part = () if end is None else (before(number, end.number),)
        if self.stretch.is_by_number:
            return [first + last]
        if start is not None and end is not None and start.key == end.key:
            return [(key == _key(key, start), *first, *last)]
        from_start = [] if start is None else [(key == _key(key, start), *first)]
        to_end = [] if end is None else [(key == _key(key, end), *last)]
        between = [] if start is None else [behind(key, _key(key, start))]
        between += [] if end is None else [before(key, _key(key, end))]
        return [*from_start, tuple(between), *to_end]


def _last_looked_at(session: Session, way: _Way, stretch: int, start: Place | None) -> Place | None:
    """The place before which looking ends, as an index tells; None where all is near."""
    left = LOOKED_THROUGH
    for part in way.parts(start):
        places = way.query(part).with_only_columns(way.stretch.key, _id(way.table))
        end = session.execute(places.offset(left).limit(1)).first()
        if end is not None:
            return Place(stretch, *end)
        left -= session.scalar(select(func.count()).select_from(places.limit(left).subquery())) or 0
    return None


def _key(column: Any, place: Place) -> ColumnElement[Any]:
    return literal(place.key, column.type)


def _id(table: Any) -> Any:
    return table.id
