"""Pairs of possible duplicates, written where they are found and decided by people."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.duplicates.pairs import FoundBy, Pair, State, leading_sign
from webapp.domain.records.fields import ObjectType
from webapp.models import PossibleDuplicate
from webapp.store.database.bulk import insert_missing_rows, insert_rows
from webapp.store.database.lists import among, unindexed
from webapp.store.duplicates import held_apart

__all__ = ["PossibleDuplicate"]

_TABLE: Any = PossibleDuplicate.__table__
_COLUMNS = (
    *("object_type", "lower_id", "higher_id", "evidence", "sign", "points", "strength", "found_by"),
    *("state", "found_at"),
)
_DECIDED = (*_COLUMNS, "decided_at", "decided_by_id")
_OF_TWO: tuple[State, ...] = ("open", "not_the_same")
"""The states of a pair that is not one record."""
_LONGEST_EVIDENCE = 1_000
# Pairs of a record beyond these add nothing to its group.
_MOST_OF_RECORD = 200


def add_pairs(
    session: Session, object_type: ObjectType, pairs: Iterable[Pair], *, found_by: FoundBy = "pull"
) -> None:
    """Keep pairs in the caller's transaction; one that is known, however decided, stays as it is.

    Those that were told apart on Held begin as *not the same*.
    """
    found = {pair.ids: pair for pair in pairs if pair.lower_id != pair.higher_id}
    if not found:
        return
    decided = held_apart.among_records(session, object_type, [number for ids in found for number in ids])
    rows = [
        _row(object_type, pair, found_by, "not_the_same" if ids in decided else "open")
        for ids, pair in found.items()
    ]
    insert_missing_rows(session, _TABLE, _COLUMNS, rows)


def unknown(session: Session, object_type: ObjectType, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that are neither stored yet nor told apart on Held."""
    known = {pair.ids for pair in _between(session, object_type, [pair.lower_id for pair in pairs])}
    known |= held_apart.among_records(session, object_type, [one for pair in pairs for one in pair.ids])
    return [pair for pair in pairs if pair.ids not in known]


def _between(session: Session, object_type: ObjectType, lower_ids: Sequence[int]) -> list[Pair]:
    query = select(PossibleDuplicate).where(
        PossibleDuplicate.object_type == object_type,
        among(session, PossibleDuplicate.lower_id, sorted(set(lower_ids))),
    )
    return [as_pair(row) for row in session.scalars(query)]


def get(session: Session, pair_id: int) -> PossibleDuplicate | None:
    """One pair, read afresh."""
    return session.get(PossibleDuplicate, pair_id, populate_existing=True)


def between(session: Session, object_type: ObjectType, one: int, other: int) -> PossibleDuplicate | None:
    """The pair of two records, in any order."""
    query = select(PossibleDuplicate).where(
        PossibleDuplicate.object_type == object_type,
        PossibleDuplicate.lower_id == min(one, other),
        PossibleDuplicate.higher_id == max(one, other),
    )
    return session.scalar(query)


def of_records(
    session: Session, object_type: ObjectType, record_ids: Sequence[int], state: State
) -> list[PossibleDuplicate]:
    """The pairs with any of these records, the strongest first; a bounded number."""
    ends = (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id)
    found: dict[int, PossibleDuplicate] = {}
    for end in ends:
        query = (
            select(PossibleDuplicate)
            .where(
                PossibleDuplicate.object_type == object_type,
                unindexed(PossibleDuplicate.state) == state,
                among(session, end, sorted(set(record_ids))),
            )
            .order_by(PossibleDuplicate.points.desc(), PossibleDuplicate.id)
            .limit(_MOST_OF_RECORD)
        )
        found.update((row.id, row) for row in session.scalars(query))
    return sorted(found.values(), key=lambda row: (-row.points, row.id))


def apart(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs among these records that people keep apart."""
    numbers = sorted(set(record_ids))
    query = select(PossibleDuplicate.lower_id, PossibleDuplicate.higher_id).where(
        PossibleDuplicate.object_type == object_type,
        unindexed(PossibleDuplicate.state) == "not_the_same",
        among(session, PossibleDuplicate.lower_id, numbers),
        among(session, PossibleDuplicate.higher_id, numbers),
    )
    return {(lower, higher) for lower, higher in session.execute(query)}


def keep_apart(
    session: Session,
    object_type: ObjectType,
    ids: Sequence[tuple[int, int]],
    *,
    user_id: int | None,
    now: datetime | None = None,
) -> None:
    """Remember that the records of these pairs are not the same, even if they were never found alike.

    Those that are one record by now stay so.
    """
    now = now or datetime.now(UTC)
    _set(session, object_type, ids, "not_the_same", (user_id, now), among=_OF_TWO)
    known = {pair.ids for pair in _between(session, object_type, [lower for lower, _ in ids])}
    rows = [
        (*_row(object_type, Pair(*one, (), 0), "edit", "not_the_same", now), now, user_id)
        for one in dict.fromkeys(ids)
        if one not in known
    ]
    insert_rows(session, _TABLE, _DECIDED, rows)


def keep_held_apart(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> None:
    """Objects are records now: each is not the same as the records from which a person kept it apart."""
    if remote_ids:
        found = held_apart.of_objects(session, connection_id, object_type, remote_ids)
        for (user_id, at), ids in found.items():
            keep_apart(session, object_type, sorted(ids), user_id=user_id, now=at)


def reopen(session: Session, object_type: ObjectType, ids: Sequence[tuple[int, int]]) -> None:
    """Ask about these pairs again; those that are one record by now stay so."""
    _set(session, object_type, ids, "open", (None, None), among=_OF_TWO)


def taken_apart(session: Session, object_type: ObjectType, one: int, other: int) -> None:
    """Ask again about two that were one record."""
    _set(session, object_type, [_ids(one, other)], "open", (None, None))


def record_merged(
    session: Session,
    object_type: ObjectType,
    winner_id: int,
    loser_id: int,
    *,
    user_id: int | None,
    now: datetime,
) -> list[int]:
    """A record lives on as another: what is known of its pairs holds for that one from now on.

    Returns:
        The records that people keep apart from the merged one.
    """
    rows = of_records(session, object_type, [loser_id], "open")
    decided = of_records(session, object_type, [loser_id], "not_the_same")
    others = [row for row in (*decided, *rows) if winner_id not in (row.lower_id, row.higher_id)]
    apart_ids = [_other(row, loser_id) for row in decided if winner_id not in (row.lower_id, row.higher_id)]
    _forget(session, object_type, loser_id, but=winner_id)
    _set(session, object_type, [_ids(winner_id, loser_id)], "merged", (user_id, now))
    keep_apart(session, object_type, [_ids(winner_id, one) for one in apart_ids], user_id=user_id, now=now)
    moved = [
        Pair(*_ids(winner_id, _other(row, loser_id)), tuple(row.evidence.split()), row.points, _strength(row))
        for row in others
        if row.state == "open"
    ]
    add_pairs(session, object_type, moved, found_by="edit")
    return apart_ids


def forget_records(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """Forget the pairs of records that are not here any more; not those whose merge in HubSpot was announced.

    That one may have taken effect, and then belongs in the log of its run.
    """
    numbers = sorted(set(record_ids))
    for end in (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id):
        _run(
            session,
            delete(PossibleDuplicate).where(
                PossibleDuplicate.object_type == object_type,
                PossibleDuplicate.state != "merged",
                PossibleDuplicate.announced.is_(None),
                among(session, end, numbers),
            ),
        )


def weigh_again(
    session: Session, object_type: ObjectType, weighed: Mapping[tuple[int, int], Pair | None]
) -> None:
    """Keep what open pairs come to now, and forget those that are not alike any more.

    Args:
        session: The transaction in which one of each pair was changed.
        object_type: Companies or contacts.
        weighed: By the two numbers, the pair as it is now; None where the matcher tells the two apart.
    """
    for ids, pair in weighed.items():
        is_one = and_(
            PossibleDuplicate.object_type == object_type,
            PossibleDuplicate.lower_id == ids[0],
            PossibleDuplicate.higher_id == ids[1],
            PossibleDuplicate.state == "open",
            PossibleDuplicate.announced.is_(None),
        )
        if pair is None:
            _run(session, delete(PossibleDuplicate).where(is_one))
        else:
            _run(session, update(PossibleDuplicate).where(is_one).values(_signs(pair)))


def announce(session: Session, pair_id: int, announced: dict[str, Any] | None) -> None:
    """Store the announcement of a merge in HubSpot, or delete it once the log has the merge."""
    _run(
        session, update(PossibleDuplicate).where(PossibleDuplicate.id == pair_id).values(announced=announced)
    )


def take_announced(session: Session, pair_id: int) -> bool:
    """Take the end of an announced merge upon oneself; False where somebody else has."""
    is_announced = PossibleDuplicate.id == pair_id, PossibleDuplicate.announced.is_not(None)
    statement = update(PossibleDuplicate).where(*is_announced).values(announced=None)
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def as_pair(row: PossibleDuplicate) -> Pair:
    """A row as the rules take it."""
    return Pair(row.lower_id, row.higher_id, tuple(row.evidence.split()), row.points, _strength(row))


def _strength(row: PossibleDuplicate) -> Any:
    return row.strength


def _other(row: PossibleDuplicate, record_id: int) -> int:
    return row.higher_id if row.lower_id == record_id else row.lower_id


def _ids(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _row(
    object_type: ObjectType,
    pair: Pair,
    found_by: FoundBy,
    state: State = "open",
    now: datetime | None = None,
) -> tuple[Any, ...]:
    found_at = now or datetime.now(UTC)
    return (object_type, *pair.ids, *_signs(pair).values(), found_by, state, found_at)


def _signs(pair: Pair) -> dict[str, Any]:
    """What a pair comes to, by column."""
    return {
        "evidence": f" {' '.join(pair.evidence)} "[:_LONGEST_EVIDENCE],
        "sign": leading_sign(pair.evidence),
        "points": pair.points,
        "strength": pair.strength,
    }


def _set(
    session: Session,
    object_type: ObjectType,
    ids: Sequence[tuple[int, int]],
    state: State,
    decided: tuple[int | None, datetime | None],
    *,
    among: Sequence[State] = ("open", "not_the_same", "merged"),
) -> None:
    user_id, at = decided
    for lower, higher in ids:
        is_one = and_(
            PossibleDuplicate.object_type == object_type,
            PossibleDuplicate.lower_id == lower,
            PossibleDuplicate.higher_id == higher,
            PossibleDuplicate.state.in_(among),
        )
        values = {"state": state, "decided_at": at, "decided_by_id": user_id}
        _run(session, update(PossibleDuplicate).where(is_one).values(values))


def _forget(session: Session, object_type: ObjectType, record_id: int, *, but: int) -> None:
    ends = (PossibleDuplicate.lower_id, PossibleDuplicate.higher_id)
    kept = and_(ends[0] == min(record_id, but), ends[1] == max(record_id, but))
    _run(
        session,
        delete(PossibleDuplicate).where(
            PossibleDuplicate.object_type == object_type,
            or_(ends[0] == record_id, ends[1] == record_id),
            PossibleDuplicate.state != "merged",
            PossibleDuplicate.announced.is_(None),
            ~kept,
        ),
    )


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
