"""Which links a pull found unchanged: kept in stretches of their numbers, and not link by link.

A pull that finds nothing new would else write every link once more. Links were given their numbers page by
page, so that the links of a page mostly follow one another.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.domain.links.stretches import Stretch, less, stretches
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs import outcomes
from webapp.models import Link, UnchangedLinks
from webapp.store.database.bulk import insert_rows
from webapp.store.links.links import stamp

# Shorter stretches are cheaper to write into the links themselves.
_SHORTEST = 8
# Stretches of one run that follow one another become one row, unless they are further apart in time.
_ONE_MOMENT = timedelta(minutes=1)
_COLUMNS = ("connection_id", "object_type", "run_id", "first_link_id", "last_link_id", "at")

_Kept = tuple[int, Stretch, datetime]
"""A run, links, and when it found them unchanged."""


def record(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    link_ids: Iterable[int],
    *,
    run_id: int,
    now: datetime,
) -> None:
    """A run has found these links, and what they link, unchanged."""
    found = stretches(link_ids)
    long_ones = [one for one in found if one.length >= _SHORTEST]
    _insert(session, connection_id, object_type, [(run_id, one, now) for one in long_ones])
    single = [number for one in found if one.length < _SHORTEST for number in range(one.first, one.last + 1)]
    stamp(
        session,
        single,
        pulled_at=now,
        last_run_id=run_id,
        last_outcome=outcomes.UNCHANGED,
        last_reason=None,
    )


def lay_over(session: Session, link: Link) -> Link:
    """The link with the latest pull that found it unchanged, where that came after all that it has seen."""
    query = (
        select(UnchangedLinks)
        .where(
            UnchangedLinks.connection_id == link.connection_id,
            UnchangedLinks.object_type == link.object_type,
            UnchangedLinks.first_link_id <= link.id,
            UnchangedLinks.last_link_id >= link.id,
        )
        .order_by(UnchangedLinks.at.desc())
        .limit(1)
    )
    found = session.scalar(query)
    if found is not None and all(found.at > at for at in (link.pulled_at, link.pushed_at) if at is not None):
        values = (("pulled_at", found.at), ("last_run_id", found.run_id))
        for name, value in (*values, ("last_outcome", outcomes.UNCHANGED), ("last_reason", None)):
            set_committed_value(link, name, value)
    return link


def tidy(session: Session, connection_id: int, run_id: int) -> None:
    """A pull has gone through everything: its stretches are joined, and take the place of older ones."""
    for object_type in OBJECT_TYPES:
        kept = _all_kept(session, connection_id, object_type)
        own = _joined([one for one in kept if one[0] == run_id])
        newest = [stretch for _, stretch, _ in own]
        older = [
            (number, left, at)
            for number, stretch, at in kept
            if number != run_id
            for left in less(stretch, newest)
        ]
        is_of_type = (
            UnchangedLinks.connection_id == connection_id,
            UnchangedLinks.object_type == object_type,
        )
        session.execute(
            delete(UnchangedLinks).where(*is_of_type).execution_options(synchronize_session=False)
        )
        _insert(session, connection_id, object_type, [*older, *own])


def _insert(session: Session, connection_id: int, object_type: ObjectType, kept: Sequence[_Kept]) -> None:
    table: Any = UnchangedLinks.__table__
    rows = [
        (connection_id, object_type, run_id, stretch.first, stretch.last, at) for run_id, stretch, at in kept
    ]
    insert_rows(session, table, _COLUMNS, rows)


def _all_kept(session: Session, connection_id: int, object_type: ObjectType) -> list[_Kept]:
    query = (
        select(
            *(UnchangedLinks.run_id, UnchangedLinks.first_link_id, UnchangedLinks.last_link_id),
            UnchangedLinks.at,
        )
        .where(UnchangedLinks.connection_id == connection_id, UnchangedLinks.object_type == object_type)
        .order_by(UnchangedLinks.first_link_id, UnchangedLinks.at)
    )
    return [(run_id, Stretch(first, last), at) for run_id, first, last, at in session.execute(query)]


def _joined(kept: Sequence[_Kept]) -> list[_Kept]:
    """Stretches of one run, in order, joined where they meet; each has the time at which it began."""
    joined: list[_Kept] = []
    for run_id, stretch, at in kept:
        _, before, began_at = joined[-1] if joined else (run_id, stretch, at)
        is_apart = not joined or stretch.first > before.last + 1 or abs(at - began_at) > _ONE_MOMENT
        if is_apart:
            joined.append((run_id, stretch, at))
        else:
            both = Stretch(before.first, max(before.last, stretch.last))
            joined[-1] = (run_id, both, min(began_at, at))
    return joined
