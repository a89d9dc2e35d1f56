"""Pages of rows by key: none counts or skips rows, and one kind of cursor leads from each to the next."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.store.database.ids import LARGEST_ID
from webapp.store.database.lists import among

# The values that a cursor may hold; a database would refuse others as parameters.
Number = Annotated[int, Meta(ge=0, le=LARGEST_ID)]
Moment = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(pattern=r"^[^\x00]*$")]

_LONGEST_CURSOR = 2_000

_T = TypeVar("_T")
_Place = TypeVar("_Place")


class Page(Struct, Generic[_T], frozen=True):
    """One page of a list.

    Attributes:
        rows: in the list's order.
        next: cursor of the page that follows; empty on the last.
        previous: cursor of the page before, in lists that are read both ways.
        is_first: whether nothing comes before it.
        is_cut: whether the search for more ended before the page was full; the next page goes on from there.
    """

    rows: list[_T]
    next: str = ""
    previous: str = ""
    is_first: bool = True
    is_cut: bool = False


def cursor(*place: Any) -> str:
    """A place in a list's order, such as the sort key and the id of a row, as an address carries it."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(text: str, shape: type[_Place]) -> _Place | None:
    """The place that a cursor names; None when it is empty or somebody made it up.

    Args:
        text: What `cursor` made.
        shape: A tuple type such as `tuple[Text, Number]`.
    """
    if not text or len(text) > _LONGEST_CURSOR:
        return None
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(decoded, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError, RecursionError):
        return None


def merged_page(
    session: Session,
    table: type[_T],
    stretches: Sequence[tuple[ColumnElement[bool], ...]],
    *,
    after: str,
    limit: int,
) -> Page[_T]:
    """A page of rows from several stretches of an index, each of which is in order of id.

    Merging their beginnings reads a page's worth of each, however many rows there are.
    """
    row_id: Any = table.id  # type: ignore[attr-defined]
    place = place_of(after, tuple[Number])
    ids = merged_ids(session, table, stretches, after_id=place[0] if place else 0, limit=limit + 1)
    rows = session.scalars(select(table).where(among(session, row_id, ids[:limit])).order_by(row_id))
    following = cursor(ids[limit - 1]) if len(ids) > limit else ""
    return Page(list(rows), next=following, is_first=place is None)


def merged_ids(
    session: Session,
    table: type[Any],
    stretches: Sequence[tuple[ColumnElement[bool], ...]],
    *,
    after_id: int,
    limit: int,
) -> list[int]:
    """The first numbers behind one in several stretches of an index, in order."""
    ids: list[int] = []
    for stretch in stretches:
        query = select(table.id).where(*stretch, table.id > after_id)
        ids += session.scalars(query.order_by(table.id).limit(limit))
    return sorted(ids)[:limit]
