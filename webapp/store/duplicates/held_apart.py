"""Pairs that people told apart while one of the two was only an object in HubSpot."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, or_, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import HeldRecord, KeptApart, Link, PossibleDuplicate
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among

_TABLE: Any = KeptApart.__table__
_COLUMNS = ("connection_id", "object_type", "remote_id", "record_id", "decided_by_id", "decided_at")


def among_records(
    session: Session, object_type: ObjectType, record_ids: Sequence[int]
) -> set[tuple[int, int]]:
    """The pairs among these records, the lower number first."""
    numbers = sorted(set(record_ids))
    query = _held_apart(object_type).where(
        among(session, KeptApart.record_id, numbers), among(session, Link.record_id, numbers)
    )
    return {_in_order(one, other) for one, other, *_ in session.execute(query)}


def of_objects(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[tuple[int | None, datetime], set[tuple[int, int]]]:
    """The pairs that the records of these objects make, by the person who told them apart, and when."""
    query = _held_apart(object_type).where(
        KeptApart.connection_id == connection_id, among(session, KeptApart.remote_id, sorted(set(remote_ids)))
    )
    found: dict[tuple[int | None, datetime], set[tuple[int, int]]] = {}
    for one, other, user_id, at in session.execute(query):
        found.setdefault((user_id, at), set()).add(_in_order(one, other))
    return found


def keep_made_beside(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int], now: datetime
) -> list[str]:
    """Held records were made in HubSpot as a person said: they are none of the objects in question.

    Returns:
        These objects.
    """
    query = select(HeldRecord).where(
        HeldRecord.connection_id == connection_id,
        HeldRecord.object_type == object_type,
        among(session, HeldRecord.record_id, sorted(record_ids)),
    )
    rows = [
        (connection_id, object_type, str(one["remote_id"]), held.record_id, held.decided_by_id, now)
        for held in session.scalars(query)
        for one in (held.detail or {}).get("candidates", ())
    ]
    insert_missing_rows(session, _TABLE, _COLUMNS, rows)
    return [remote_id for _, _, remote_id, *_ in rows]


def forget_made_beside(
    session: Session, connection_id: int, object_type: ObjectType, made: Mapping[int, datetime]
) -> None:
    """Forget what was kept when these records were made in HubSpot, each at its time."""
    for record_id, at in made.items():
        ends = PossibleDuplicate.lower_id == record_id, PossibleDuplicate.higher_id == record_id
        pairs = delete(PossibleDuplicate).where(
            PossibleDuplicate.object_type == object_type,
            PossibleDuplicate.state == "not_the_same",
            PossibleDuplicate.decided_at == at,
            or_(*ends),
        )
        objects = delete(KeptApart).where(
            KeptApart.connection_id == connection_id,
            KeptApart.object_type == object_type,
            KeptApart.record_id == record_id,
            KeptApart.decided_at == at,
        )
        for statement in (pairs, objects):
            session.execute(statement.execution_options(synchronize_session=False))


def _held_apart(object_type: ObjectType) -> Select[int, int, int | None, datetime]:
    """The record, the record of the object that it is not, and who said so when."""
    is_of_object = and_(
        Link.connection_id == KeptApart.connection_id,
        Link.object_type == KeptApart.object_type,
        Link.remote_id == KeptApart.remote_id,
    )
    return (
        select(KeptApart.record_id, Link.record_id, KeptApart.decided_by_id, KeptApart.decided_at)
        .join(Link, is_of_object)
        .where(KeptApart.object_type == object_type, KeptApart.record_id != Link.record_id)
    )


def _in_order(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)
