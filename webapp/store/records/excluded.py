"""The list of records that are not linked and that a rule excludes, as only their values show."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM, ObjectType
from webapp.store.database.pages import Page
from webapp.store.database.walks import Place, place_in, walk
from webapp.store.records.listing.lists import PAGE_SIZE, Question, narrowing, rows_of, stretches_of
from webapp.store.records.records import TABLES, Record

# How many records are read at most to find excluded ones, and how many at once.
LOOK_THROUGH = 5_000
BATCH_SIZE = 1_000


def excluded_page(
    session: Session,
    object_type: ObjectType,
    question: Question,
    names: Sequence[str],
    is_excluded: Callable[[int, dict[str, Any]], bool],
) -> Page[Record]:
    """A page of them.

    A limited number of records is read; if the page is not full by then, the next page goes on there.

    Args:
        session: Where to read.
        object_type: Companies or contacts.
        question: Which of them, and from where.
        names: The fields that the rule asks about.
        is_excluded: Whether it excludes the record with this number and these values.
    """
    table: Any = TABLES[object_type]
    stretches, narrow = (
        stretches_of(session, object_type, question),
        narrowing(session, object_type, question),
    )
    standard = [name for name in names if not name.startswith(CUSTOM)]
    columns = (table.custom, *(getattr(table, name) for name in standard))
    found: list[Place] = []
    start, read = place_in(stretches, question.after), 0
    while read < LOOK_THROUGH:
        rows = walk(session, table, stretches, narrow, start=start, limit=BATCH_SIZE, columns=columns)
        for place, (custom, *values) in ((one.place, one.row) for one in rows):
            known = dict(zip(standard, values, strict=True)) | _with_prefix(custom)
            if is_excluded(place.number, known):
                found.append(place)
            if len(found) > PAGE_SIZE:
                return _page(session, object_type, found[:PAGE_SIZE], goes_on_at=found[PAGE_SIZE - 1])
        if len(rows) < BATCH_SIZE:
            return _page(session, object_type, found)
        read += len(rows)
        start = rows[-1].place
    return _page(session, object_type, found, goes_on_at=start, is_cut=True)


def _page(
    session: Session,
    object_type: ObjectType,
    places: Sequence[Place],
    *,
    goes_on_at: Place | None = None,
    is_cut: bool = False,
) -> Page[Record]:
    shown = rows_of(session, object_type, [place.number for place in places])
    return Page(shown, next=goes_on_at.cursor if goes_on_at else "", is_cut=is_cut)


def _with_prefix(custom: dict[str, Any] | None) -> dict[str, Any]:
    return {f"{CUSTOM}{name}": value for name, value in (custom or {}).items()}
