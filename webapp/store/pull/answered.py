"""Questions that a run has asked about records and answered itself further on, as its log tells."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, not_, select, update
from sqlalchemy.orm import Session

from webapp.domain.pull.plan import CROWDED, DOUBTFUL, ODDS, PROVISIONAL
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.models import LogEntry
from webapp.store.database.lists import among
from webapp.store.runs.log import IS_NOTABLE

_DESCENDING = str.maketrans("0123456789", "9876543210")


_IS_WAITING = and_(
    LogEntry.outcome == outcomes.HELD,
    LogEntry.record_id.is_not(None),
    # Of a pull that goes on after its end they are called doubtful.
    func.coalesce(LogEntry.reason, "").in_((outcomes.UNDECIDED, DOUBTFUL)),
)
"""Whether an entry is of an object that certainly is the entry's record and waits to be linked to it."""

_IS_LEFT_OUT_OF_MANY = and_(LogEntry.outcome == outcomes.SKIPPED, LogEntry.detail[CROWDED].as_boolean())
"""Whether an entry is of an object that is none of the records that crowded keys brought by then."""


class Held(Struct, frozen=True):
    """Held objects of a run, from one log entry on.

    Attributes:
        last_seq: the last entry that was looked at; None where there was none.
        answered: by object, the entry of each that is to be decided about: one that asks about a record that
            was written after it, one that many records look like, of which the object may be another one now
            that some are linked, and one about which nothing was decided yet.
        left_out: those of these entries whose objects are not held, but left out for want of a company.
    """

    last_seq: int | None = None
    answered: dict[str, int] = {}
    left_out: frozenset[int] = frozenset()


def held_after(
    session: Session, run_id: int, object_type: ObjectType, after: int, limit: int, *, last_match: int
) -> Held:
    """The next held objects of a run behind a log entry, and those left out that very many records look like.

    Args:
        session: A reading transaction.
        run_id: Whose log it is.
        object_type: Companies or contacts.
        after: The entry.
        limit: How many are looked at.
        last_match: The entry behind which nothing was linked, as `last_match` gives it.
    """
    behind = LogEntry.seq > after
    held = _open(session, run_id, object_type, and_(LogEntry.outcome == outcomes.HELD, behind), limit)
    # The log is read on no further than the held ones reach, so that it is read once.
    within = and_(behind, LogEntry.seq < held[-1].seq) if len(held) == limit else behind
    left_out = _open(session, run_id, object_type, and_(_IS_LEFT_OUT_OF_MANY, within), limit)
    entries = sorted((*held, *left_out), key=lambda entry: entry.seq)[:limit]
    if not entries:
        return Held()
    of_entry = {entry.seq: [one["record_id"] for one in _candidates(entry.detail)] for entry in entries}
    written = _written(
        session, run_id, object_type, {number for some in of_entry.values() for number in some}
    )
    crowded = {entry.seq for entry in entries if (entry.detail or {}).get(CROWDED)}
    answered = {
        entry.remote_id: entry.seq
        for entry in entries
        if entry.remote_id
        and (
            (entry.detail or {}).get(PROVISIONAL)
            or any(written.get(number, 0) > entry.seq for number in of_entry[entry.seq])
            or (entry.seq in crowded and last_match > entry.seq)
        )
    }
    not_held = frozenset(entry.seq for entry in left_out)
    return Held(entries[-1].seq, answered, not_held.intersection(answered.values()))


def _open(
    session: Session,
    run_id: int,
    object_type: ObjectType,
    which: ColumnElement[bool],
    limit: int,
) -> Sequence[Any]:
    """The first entries of a run of one kind."""
    query = select(LogEntry.seq, LogEntry.remote_id, LogEntry.detail).where(
        LogEntry.run_id == run_id, LogEntry.object_type == object_type, IS_NOTABLE, which
    )
    return session.execute(query.order_by(LogEntry.seq).limit(limit)).all()


class Certain(Struct, frozen=True):
    """Objects of a run that certainly are records here and wait to be linked, from one log entry on.

    Attributes:
        last_seq: the last entry that was looked at; None where there was none.
        entries: by object, the entry of each that is to be linked.
        chosen: by object, its record.
    """

    last_seq: int | None = None
    entries: dict[str, int] = {}
    chosen: dict[str, int] = {}


def certain_after(session: Session, run_id: int, object_type: ObjectType, after: int, limit: int) -> Certain:
    """The next objects of a run behind a log entry that are linked: of each record the likeliest.

    Where several are as likely, it is the one that was made first.

    Args:
        session: A reading transaction.
        run_id: Whose log it is.
        object_type: Companies or contacts.
        after: The entry.
        limit: How many are looked at.
    """
    waiting = (LogEntry.run_id == run_id, LogEntry.object_type == object_type, _IS_WAITING)
    columns = (LogEntry.seq, LogEntry.remote_id, LogEntry.record_id, LogEntry.detail)
    query = select(*columns).where(*waiting, IS_NOTABLE, LogEntry.seq > after)
    entries = session.execute(query.order_by(LogEntry.seq).limit(limit)).all()
    if not entries:
        return Certain()
    numbers = sorted({entry.record_id for entry in entries})
    rivals = session.execute(select(*columns).where(*waiting, among(session, LogEntry.record_id, numbers)))
    written = _written(session, run_id, object_type, numbers)
    likeliest: dict[int, Any] = {}
    for one in rivals:
        best = likeliest.get(one.record_id)
        if written.get(one.record_id, 0) < one.seq and (best is None or _rank(one) > _rank(best)):
            likeliest[one.record_id] = one
    seqs = {entry.seq for entry in entries}
    linked = [one for one in likeliest.values() if one.seq in seqs]
    return Certain(
        entries[-1].seq,
        {one.remote_id: one.seq for one in linked},
        {one.remote_id: one.record_id for one in linked},
    )


def _rank(entry: Any) -> tuple[float, int, str]:
    """How likely an object is the record; of two numbers the lower one was given first."""
    number = entry.remote_id
    return (entry.detail or {}).get(ODDS, 0.0), -len(number), number.translate(_DESCENDING)


def forget_choices(session: Session, run_id: int, seqs: Sequence[int]) -> None:
    """Have these entries wait to be linked no longer: their objects are not to be found any more."""
    if seqs:
        statement = update(LogEntry).where(LogEntry.run_id == run_id, among(session, LogEntry.seq, seqs))
        session.execute(statement.values(record_id=None).execution_options(synchronize_session=False))


def _candidates(detail: dict[str, Any] | None) -> list[dict[str, Any]]:
    candidates: list[dict[str, Any]] = (detail or {}).get("candidates", [])
    return candidates


def last_match(session: Session, run_id: int, object_type: ObjectType) -> int:
    """The last entry of a run that links a record to the object that it is."""
    query = select(LogEntry.seq).where(
        LogEntry.run_id == run_id,
        LogEntry.object_type == object_type,
        LogEntry.outcome == outcomes.UPDATED,
        LogEntry.reason == "matched",
    )
    return session.scalars(query.order_by(LogEntry.seq.desc()).limit(1)).first() or 0


def _written(
    session: Session, run_id: int, object_type: ObjectType, record_ids: Iterable[int]
) -> dict[int, int]:
    """By record, the last entry of a run that wrote it."""
    query = (
        select(LogEntry.record_id, func.max(LogEntry.seq))
        .where(
            LogEntry.object_type == object_type,
            among(session, LogEntry.record_id, sorted(record_ids)),
            LogEntry.run_id == run_id,
            not_(_IS_WAITING),
        )
        .group_by(LogEntry.record_id)
    )
    return {record_id: seq for record_id, seq in session.execute(query) if record_id is not None}
