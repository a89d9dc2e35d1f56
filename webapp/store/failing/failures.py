"""Reads the records whose latest sync failed, as a list grouped by cause."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import FailingRecord
from webapp.store.database.pages import Page, merged_page
from webapp.store.runs.failures import FailureSelection, conditions

__all__ = ["FailingRecord"]


class Cause(Struct, frozen=True):
    """A cause with how many it has: reason, property and object type."""

    reason: str
    property: str
    object_type: str
    count: int


def causes(session: Session, connection_id: int) -> list[Cause]:
    """The causes, the most frequent first."""
    columns = (FailingRecord.reason, FailingRecord.property, FailingRecord.object_type)
    query = select(*columns, func.count()).where(FailingRecord.connection_id == connection_id)
    found = [Cause(*row) for row in session.execute(query.group_by(*columns))]
    return sorted(found, key=lambda cause: (-cause.count, cause.reason, cause.property))


def page(
    session: Session,
    connection_id: int,
    causes: Collection[Cause],
    *,
    after: str = "",
    limit: int = 50,
    search: str = "",
) -> Page[FailingRecord]:
    """A page of those with some of the causes; with `search`, of those whose names hold it."""
    stretches: list[tuple[ColumnElement[bool], ...]] = [
        (
            FailingRecord.connection_id == connection_id,
            FailingRecord.reason == cause.reason,
            FailingRecord.property == cause.property,
            FailingRecord.object_type == cause.object_type,
        )
        for cause in causes
    ]
    if search:
        is_named = FailingRecord.name.icontains(search, autoescape=True)
        stretches = [(*stretch, is_named) for stretch in stretches]
    return merged_page(session, FailingRecord, stretches, after=after, limit=limit)


def get(session: Session, connection_id: int, failing_id: int) -> FailingRecord | None:
    """One of them."""
    found = session.get(FailingRecord, failing_id)
    return found if found is not None and found.connection_id == connection_id else None


def count(session: Session, connection_id: int, selection: FailureSelection = FailureSelection()) -> int:  # noqa: B008 - frozen
    """How many are meant."""
    query = select(func.count()).select_from(FailingRecord)
    return session.scalar(query.where(*conditions(selection, connection_id))) or 0


def has_out(session: Session, connection_id: int, selection: FailureSelection) -> bool:
    """Whether a push could try some of them again."""
    query = select(FailingRecord.id).where(
        *conditions(selection, connection_id),
        FailingRecord.direction == "out",
        FailingRecord.record_id.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def objects(
    session: Session, connection_id: int, selection: FailureSelection
) -> list[tuple[ObjectType, str]]:
    """The objects that are meant and that did not get here."""
    query = select(FailingRecord.object_type, FailingRecord.remote_id).where(
        *conditions(selection, connection_id),
        FailingRecord.direction == "in",
        FailingRecord.remote_id.is_not(None),
    )
    return [(kind, str(remote_id)) for kind, remote_id in session.execute(query)]  # type: ignore[misc]
