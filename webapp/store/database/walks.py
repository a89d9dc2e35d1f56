"""Pages of a list that consists of stretches, each in the order of an index.

So a list can go by relevance, or have what is blank at its end, and still no page counts or skips rows.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from msgspec import Struct, convert
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Integer, Select, literal, select, tuple_
from sqlalchemy.orm import Session

from webapp.models.base import UtcDateTime
from webapp.store.database.pages import Moment, Number, Page, Text, cursor, place_of

_T = TypeVar("_T")
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
        stretch = stretches[place]
        query = _query(table, stretch, here, is_backwards=is_backwards)
        end = _last_looked_at(session, table, stretch, query) if is_short else None
        if end is not None:
            is_before = _is_past(table, stretch, *end, is_descending=stretch.is_descending == is_backwards)
            query = query.where(is_before)
        query = narrow(query)
        if columns is not None:
            query = query.with_only_columns(_id(table), stretch.key, *columns)
        rows: Any = session.execute(query.limit(limit - len(found))).all()
        if columns is not None:
            found += [Row(Place(place, key, number), values) for number, key, *values in rows]
        else:
            found += [Row(Place(place, key, row.id), row) for row, key in rows]
        if end is not None:
            break  # what follows in this stretch comes before the next one
    return found


def _query(table: Any, stretch: Stretch, here: Place | None, *, is_backwards: bool) -> Select[Any]:
    order = [stretch.key] if stretch.is_by_number else [stretch.key, table.id]
    is_descending = stretch.is_descending != is_backwards
    query = select(table, stretch.key).where(*stretch.conditions)
    query = query.order_by(*((column.desc() for column in order) if is_descending else order))
    if here is None:
        return query
    return query.where(_is_past(table, stretch, here.key, here.number, is_descending=is_descending))


def _last_looked_at(
    session: Session, table: Any, stretch: Stretch, query: Select[Any]
) -> tuple[Any, int] | None:
    """Key and number of the row before which looking ends, as an index tells; None where all is near."""
    ends = query.with_only_columns(stretch.key, table.id).offset(LOOKED_THROUGH).limit(1)
    end = session.execute(ends).first()
    return (end[0], end[1]) if end is not None else None


def _is_past(
    table: Any, stretch: Stretch, key: Any, number: int, *, is_descending: bool
) -> ColumnElement[bool]:
    """Whether a row comes behind this key and number in the order of a stretch, or in the other direction."""
    if stretch.is_by_number:
        by_number: ColumnElement[bool] = stretch.key < number if is_descending else stretch.key > number
        return by_number
    row, place = tuple_(stretch.key, table.id), tuple_(literal(key, stretch.key.type), number)
    return row < place if is_descending else row > place


def _id(table: Any) -> Any:
    return table.id
