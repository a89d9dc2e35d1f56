"""Stored frequencies of values: counted once a day at most, and the same for all slices of a run.

What a run brings changes nothing of what its own records weigh, and neither does the order of its pages: it
keeps to the count that it began with, which its row names, and which a preview shares with its run.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from webapp.domain.matching.counting import FrequentValues
from webapp.domain.matching.frequencies import COUNTED, DEFAULT, Frequencies, as_counted
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Company, Contact, FrequencyCount, Run
from webapp.store.database.transactions import Database

_VALID_FOR = timedelta(days=1)
_KEPT_FOR = timedelta(days=400)
SMALLEST_BOOK = 1_000
"""A book with fewer records says nothing of how frequent values are."""
PAGE = 5_000
"""As many records are read in one transaction."""
_TABLES: dict[ObjectType, Any] = {"companies": Company.__table__, "contacts": Contact.__table__}


def frozen(session: Session, run_id: int) -> Frequencies | None:
    """The frequencies that a run keeps to; None where it has not begun to."""
    options = session.scalar(select(Run.options).where(Run.id == run_id)) or {}
    return _load(session, options["frequencies"]) if options.get("frequencies") else None


def to_keep_to(session: Session, run_id: int, now: datetime) -> int | None:
    """The count that a run should keep to: its preview's, else one of this day; None where there is none."""
    options = session.get_one(Run, run_id).options
    of_preview = options.get("preview_id")
    if of_preview is not None:
        previewed = session.scalar(select(Run.options).where(Run.id == of_preview)) or {}
        if previewed.get("frequencies"):
            return int(previewed["frequencies"])
    return session.scalar(
        select(func.max(FrequencyCount.id)).where(FrequencyCount.counted_at > now - _VALID_FOR)
    )


def freeze(session: Session, run_id: int, number: int) -> Frequencies:
    """Have a run keep to a count."""
    run = session.get_one(Run, run_id)
    run.options = {**run.options, "frequencies": number}
    session.flush()
    return _load(session, number)


def latest(session: Session) -> Frequencies:
    """The latest count, for who looks at one pair outside of a run."""
    number = session.scalar(select(func.max(FrequencyCount.id)))
    return _load(session, number) if number is not None else DEFAULT


def add(session: Session, counted: Frequencies, now: datetime) -> int:
    """Store a count; its number. Counts that no kept log names are forgotten."""
    session.execute(delete(FrequencyCount).where(FrequencyCount.counted_at < now - _KEPT_FOR))
    row = FrequencyCount(counted_at=now, records=dict(counted.records), counts=dict(counted.counts))
    session.add(row)
    session.flush()
    return row.id


def _load(session: Session, number: int) -> Frequencies:
    row = session.get(FrequencyCount, number)
    return DEFAULT if row is None else Frequencies(row.id, row.records, row.counts)


def count(database: Database) -> Frequencies:
    """Count the book, page by page, so that nobody waits for it; a small one says nothing."""
    records: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {}
    for object_type in OBJECT_TYPES:
        with database.reading() as session:
            present = session.scalar(select(func.count()).select_from(_TABLES[object_type])) or 0
        if present >= SMALLEST_BOOK:
            records[object_type] = present
            counts |= _counts(database, object_type)
    return Frequencies(0, records, counts)


def _counts(database: Database, object_type: ObjectType) -> dict[str, dict[str, int]]:
    """How often the frequent values of each sort are met: sort by sort, since each takes its memory."""
    return {sort: _count(database, object_type, sort) for sort in COUNTED[object_type]}


def _count(database: Database, object_type: ObjectType, sort: str) -> dict[str, int]:
    table = _TABLES[object_type]
    key = table.c[COUNTED[object_type][sort]]
    query = select(table.c.id, key).where(table.c.id > bindparam("after")).order_by(table.c.id).limit(PAGE)
    frequent, after = FrequentValues(), 0
    while True:
        with database.reading() as session:
            rows = session.execute(query, {"after": after}).all()
        if not rows:
            return frequent.most_frequent()
        after = rows[-1][0]
        frequent.add(as_counted(sort, (value for _, value in rows)))
