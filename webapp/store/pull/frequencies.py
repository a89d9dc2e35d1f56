"""How many records share a value: counted once a day at most, and the same for all slices of a run.

What a run brings changes nothing of what its own records weigh, and neither does the order of its pages: it
keeps to the count that it began with, which its row names, and which a preview shares with its run.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal, select
from sqlalchemy.orm import Session

from webapp.domain.matching.frequencies import DEFAULT, FEWEST, MOST, Frequencies
from webapp.domain.records.fields import ObjectType
from webapp.models import Company, Contact, FrequencyCount, Run

_VALID_FOR = timedelta(days=1)
_KEPT_FOR = timedelta(days=400)
SMALLEST_BOOK = 1_000
"""A book with fewer records says nothing of how frequent values are."""
_TABLES: dict[ObjectType, Any] = {"companies": Company.__table__, "contacts": Contact.__table__}
_COUNTED: dict[ObjectType, tuple[str, ...]] = {
    "companies": ("name", "phone", "domain", "street"),
    "contacts": ("name", "phone", "email", "street"),
}


def frozen(session: Session, run_id: int) -> Frequencies | None:
    """The frequencies that a run keeps to; None where it has not begun to."""
    options = session.scalar(select(Run.options).where(Run.id == run_id)) or {}
    return _load(session, options["frequencies"]) if options.get("frequencies") else None


def freeze(session: Session, run_id: int, now: datetime) -> Frequencies:
    """Have a run keep to the frequencies of its preview, else to the latest; counted again once a day."""
    run = session.get_one(Run, run_id)
    number = _of_preview(session, run.options.get("preview_id")) or _latest(session, now)
    if number is None:
        number = _count(session, now)
    run.options = {**run.options, "frequencies": number}
    session.flush()
    return _load(session, number)


def latest(session: Session) -> Frequencies:
    """The latest count, for who looks at one pair outside of a run."""
    number = session.scalar(select(func.max(FrequencyCount.id)))
    return _load(session, number) if number is not None else DEFAULT


def _load(session: Session, number: int) -> Frequencies:
    row = session.get(FrequencyCount, number)
    return DEFAULT if row is None else Frequencies(row.id, row.records, row.counts)


def _of_preview(session: Session, preview_id: int | None) -> int | None:
    if preview_id is None:
        return None
    options = session.scalar(select(Run.options).where(Run.id == preview_id)) or {}
    number: int | None = options.get("frequencies")
    return number


def _latest(session: Session, now: datetime) -> int | None:
    return session.scalar(
        select(func.max(FrequencyCount.id)).where(FrequencyCount.counted_at > now - _VALID_FOR)
    )


def _count(session: Session, now: datetime) -> int:
    """Count the book, and forget counts that no kept log names."""
    session.execute(delete(FrequencyCount).where(FrequencyCount.counted_at < now - _KEPT_FOR))
    records: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {}
    for object_type, table in _TABLES.items():
        present = session.scalar(select(func.count()).select_from(table)) or 0
        if present >= SMALLEST_BOOK:
            records[object_type] = present
            for name in _COUNTED[object_type]:
                counts[f"{object_type}.{name}"] = _frequent(session, table.c[f"{name}_key"])
    row = FrequencyCount(counted_at=now, records=records, counts=counts)
    session.add(row)
    session.flush()
    return row.id


def _frequent(session: Session, column: Any) -> dict[str, int]:
    """The values that several records share, the most frequent first."""
    number = func.count(literal(1))
    query = (
        select(column, number)
        .where(column.is_not(None))
        .group_by(column)
        .having(number >= FEWEST)
        .order_by(number.desc(), column)
        .limit(MOST)
    )
    return {row[0]: row[1] for row in session.execute(query)}
