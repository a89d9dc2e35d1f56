"""Records here that a push could not send without guessing, and what people decide about them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import HeldRecord
from webapp.store.database.pages import Page, merged_ids, merged_page
from webapp.store.held.objects import Group

__all__ = ["HeldRecord"]

STATE = "held_record"


def groups(session: Session, connection_id: int) -> list[Group]:
    """How many there are by reason and type, largest first."""
    columns = (HeldRecord.reason, HeldRecord.object_type)
    query = select(*columns, func.count()).where(HeldRecord.connection_id == connection_id)
    counted = session.execute(query.group_by(*columns))
    return sorted((Group(STATE, *row) for row in counted), key=lambda group: -group.count)


def page(
    session: Session, connection_id: int, groups: Collection[Group], *, after: str = "", limit: int = 20
) -> Page[HeldRecord]:
    """A page of the records in some of the groups."""
    stretches = _stretches(connection_id, groups)
    return merged_page(session, HeldRecord, stretches, after=after, limit=limit)


def _stretches(connection_id: int, groups: Collection[Group]) -> list[tuple[ColumnElement[bool], ...]]:
    return [
        (
            HeldRecord.connection_id == connection_id,
            HeldRecord.reason == group.reason,
            HeldRecord.object_type == group.object_type,
        )
        for group in groups
    ]


def ids(session: Session, connection_id: int, groups: Collection[Group], *, limit: int) -> list[int]:
    """The numbers of the records in some of the groups, the oldest first."""
    return merged_ids(session, HeldRecord, _stretches(connection_id, groups), after_id=0, limit=limit)


def by_id(session: Session, held_record_id: int) -> HeldRecord | None:
    """One of them."""
    return session.get(HeldRecord, held_record_id)


def get(session: Session, connection_id: int, object_type: ObjectType, record_id: int) -> HeldRecord | None:
    """Why a record waits, if it does."""
    query = select(HeldRecord).where(
        HeldRecord.connection_id == connection_id,
        HeldRecord.object_type == object_type,
        HeldRecord.record_id == record_id,
    )
    return session.scalars(query).first()


def decide(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    record_id: int,
    *,
    decision: dict[str, Any],
    user_id: int | None,
) -> None:
    """Keep a person's decision, which the next push of the record carries out."""
    session.execute(
        update(HeldRecord)
        .where(
            HeldRecord.connection_id == connection_id,
            HeldRecord.object_type == object_type,
            HeldRecord.record_id == record_id,
        )
        .values(decision=decision, decided_by_id=user_id)
        .execution_options(synchronize_session=False)
    )
