"""Reads the records whose latest sync failed, as a list grouped by cause."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import FailingRecord
from webapp.store.database.pages import Page, merged_page
from webapp.store.records.listing.groups import MOST_COUNTED, counted_groups
from webapp.store.runs.failures import FailureSelection, conditions

__all__ = ["FailingRecord"]


class Cause(Struct, frozen=True):
    """A cause with how many it has, at most `MOST_COUNTED`: reason, property and object type."""

    reason: str
    property: str
    object_type: str
    count: int


def causes(session: Session, connection_id: int) -> list[Cause]:
    """The causes, the most frequent first."""
    columns = ("reason", "property", "object_type")
    counted = counted_groups(session, FailingRecord, columns, connection_id=connection_id)
    found = [Cause(*row) for row in counted]
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


def of_record(session: Session, connection_id: int, object_type: str, record_id: int) -> FailingRecord | None:
    """The failure of a record itself, if it fails; one of its association has a key of its own."""
    return session.scalars(
        select(FailingRecord).where(
            FailingRecord.connection_id == connection_id,
            FailingRecord.object_type == object_type,
            FailingRecord.key == str(record_id),
        )
    ).first()


def count(session: Session, connection_id: int, *, run_id: int | None = None) -> int:
    """How many there are, of all runs or of one, at most `MOST_COUNTED`."""
    is_meant = conditions(FailureSelection(run_id=run_id), connection_id)
    some = select(FailingRecord.id).where(*is_meant).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def has_any(session: Session, connection_id: int, selection: FailureSelection) -> bool:
    """Whether any are meant."""
    query = select(FailingRecord.id).where(*conditions(selection, connection_id)).limit(1)
    return session.scalar(query) is not None


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
