"""What failed in its latest sync: noted and settled by every run, and read as a list grouped by cause."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select
from sqlalchemy.orm import Session

from webapp.domain import outcomes
from webapp.domain.fields import ObjectType
from webapp.models import FailingRecord, Run
from webapp.store.bulk import replace_rows
from webapp.store.held import HeldPage, merged_page
from webapp.store.lists import among

if TYPE_CHECKING:
    from webapp.store.log_rows import Entry

__all__ = ["FailingRecord"]

_SENDING = ("push", "push_record", "auto_push")
_COLUMNS = (
    *("connection_id", "object_type", "key", "record_id", "remote_id", "name", "direction"),
    *("reason", "property", "detail", "run_id", "failed_at"),
)
# Built once, since every page asks it.
_ANY = select(FailingRecord.id).where(FailingRecord.connection_id == bindparam("connection_id")).limit(1)
_LONGEST_PROPERTY = 100
_ASSOCIATION = ("associated", "association_refused")


class Wanted(Struct, frozen=True):
    """Which of them are meant; what is None or "" asks for all."""

    id: int | None = None
    run_id: int | None = None
    object_type: str | None = None
    reason: str | None = None
    property: str | None = None

    def conditions(self, connection_id: int) -> list[ColumnElement[bool]]:
        """The same as conditions."""
        given = {
            FailingRecord.id: self.id,
            FailingRecord.run_id: self.run_id,
            FailingRecord.object_type: self.object_type,
            FailingRecord.reason: self.reason,
            FailingRecord.property: self.property,
        }
        asked = [column == value for column, value in given.items() if value is not None]
        return [FailingRecord.connection_id == connection_id, *asked]


class Cause(Struct, frozen=True):
    """A cause with how many it has: reason, property and object type."""

    reason: str
    property: str
    object_type: str
    count: int


def note(session: Session, run: Run, now: datetime, object_type: str, ended: Sequence["Entry"]) -> None:
    """Note what failed in a run, and forget of what ended otherwise that it ever did."""
    if run.is_preview or run.kind == "undo":
        return
    failed = {key: one for one in ended if one.outcome == outcomes.FAILED for key in _keys(one)[:1]}
    if session.scalar(_ANY, {"connection_id": run.connection_id}) is not None:
        settled = [key for one in ended if one.outcome != outcomes.FAILED for key in _keys(one)]
        session.execute(
            delete(FailingRecord)
            .where(FailingRecord.connection_id == run.connection_id, FailingRecord.object_type == object_type)
            .where(among(session, FailingRecord.key, settled))
            .execution_options(synchronize_session=False)
        )
    direction = "out" if run.kind in _SENDING else "in"
    rows = [
        (
            *(run.connection_id, object_type, key, one.record_id, one.remote_id, one.name, direction),
            *(one.reason, _property_of(one), one.detail, run.id, now),
        )
        for key, one in failed.items()
    ]
    table: Any = FailingRecord.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def _keys(one: "Entry") -> list[str]:
    """Under what it is noted; what is settled may have been noted before its record was known."""
    if one.reason in _ASSOCIATION:
        return [f"a{one.record_id}"]
    keys = [str(one.record_id)] if one.record_id is not None else []
    return [*keys, f"o{one.remote_id}"] if one.remote_id is not None else keys


def _property_of(one: "Entry") -> str:
    return str((one.detail or {}).get("property") or "")[:_LONGEST_PROPERTY]


def causes(session: Session, connection_id: int) -> list[Cause]:
    """The causes, the most frequent first."""
    columns = (FailingRecord.reason, FailingRecord.property, FailingRecord.object_type)
    query = select(*columns, func.count()).where(FailingRecord.connection_id == connection_id)
    found = [Cause(*row) for row in session.execute(query.group_by(*columns))]
    return sorted(found, key=lambda cause: (-cause.count, cause.reason, cause.property))


def page(
    session: Session, connection_id: int, wanted: Collection[Cause], *, after_id: int = 0, limit: int = 50
) -> HeldPage[FailingRecord]:
    """A page of those with some of the causes."""
    stretches = [
        (
            FailingRecord.connection_id == connection_id,
            FailingRecord.reason == cause.reason,
            FailingRecord.property == cause.property,
            FailingRecord.object_type == cause.object_type,
        )
        for cause in wanted
    ]
    return merged_page(session, FailingRecord, stretches, after_id=after_id, limit=limit)


def count(session: Session, connection_id: int, wanted: Wanted = Wanted()) -> int:  # noqa: B008 - frozen
    """How many are meant."""
    query = select(func.count()).select_from(FailingRecord)
    return session.scalar(query.where(*wanted.conditions(connection_id))) or 0


def record_ids(
    connection_id: int, object_type: ObjectType, wanted: Wanted, *, direction: str | None = None
) -> Select[Any]:
    """The records that are meant, as a query."""
    query = select(FailingRecord.record_id).where(
        *wanted.conditions(connection_id),
        FailingRecord.object_type == object_type,
        FailingRecord.record_id.is_not(None),
    )
    return query.where(FailingRecord.direction == direction) if direction else query


def has_out(session: Session, connection_id: int, wanted: Wanted) -> bool:
    """Whether a push could try some of them again."""
    query = select(FailingRecord.id).where(
        *wanted.conditions(connection_id),
        FailingRecord.direction == "out",
        FailingRecord.record_id.is_not(None),
    )
    return session.scalar(query.limit(1)) is not None


def objects(session: Session, connection_id: int, wanted: Wanted) -> list[tuple[ObjectType, str]]:
    """The objects that are meant and that did not get here."""
    query = select(FailingRecord.object_type, FailingRecord.remote_id).where(
        *wanted.conditions(connection_id),
        FailingRecord.direction == "in",
        FailingRecord.remote_id.is_not(None),
    )
    return [(kind, str(remote_id)) for kind, remote_id in session.execute(query)]  # type: ignore[misc]
