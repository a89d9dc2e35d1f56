"""Pages by key over several stretches of an index."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.store.database.lists import among

_T = TypeVar("_T")


class HeldPage(Struct, Generic[_T], frozen=True):
    """Rows in the order in which they came. `next_after` is None on the last page."""

    rows: list[_T]
    next_after: int | None


def merged_page(
    session: Session,
    table: type[_T],
    stretches: Sequence[tuple[ColumnElement[bool], ...]],
    *,
    after_id: int,
    limit: int,
) -> HeldPage[_T]:
    """A page of rows from several stretches of an index, in each of which they lie in order of id.

    Merging their beginnings reads a page's worth of each, however many rows there are.
    """
    row_id: Any = table.id  # type: ignore[attr-defined]
    ids = merged_ids(session, table, stretches, after_id=after_id, limit=limit + 1)
    rows = session.scalars(select(table).where(among(session, row_id, ids[:limit])).order_by(row_id))
    return HeldPage(list(rows), ids[limit - 1] if len(ids) > limit else None)


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
