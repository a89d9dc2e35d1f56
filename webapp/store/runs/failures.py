"""Failing records: recorded with the log of every run, and selected to be tried again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.options import FailureSelection
from webapp.models import FailingRecord, Run
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among
from webapp.store.runs.entry import Entry

__all__ = ["FailureSelection", "conditions", "record_failures", "record_ids"]

_COLUMNS = (
    *("connection_id", "object_type", "key", "record_id", "remote_id", "name", "direction"),
    *("reason", "property", "detail", "run_id", "failed_at"),
)


# Built once, since every page asks it.
_FAILING: Any = FailingRecord.__table__
_ANY = select(_FAILING.c.id).where(_FAILING.c.connection_id == bindparam("connection_id")).limit(1)


_LONGEST_PROPERTY = 100


ASSOCIATION_REFUSED = "association_refused"
_SYNCED = (outcomes.UPDATED, outcomes.UNCHANGED)
_ASSOCIATION = (
    *("associated", "associated_plainly", ASSOCIATION_REFUSED),
    *(outcomes.ASSOCIATION_UNSETTLED, outcomes.ASSOCIATION_UNREADABLE),
)


def conditions(selection: FailureSelection, connection_id: int) -> list[ColumnElement[bool]]:
    """A selection of failing records, as conditions."""
    given = {
        FailingRecord.id: selection.id,
        FailingRecord.run_id: selection.run_id,
        FailingRecord.object_type: selection.object_type,
        FailingRecord.reason: selection.reason,
        FailingRecord.property: selection.property,
    }
    selected = [column == value for column, value in given.items() if value is not None]
    return [FailingRecord.connection_id == connection_id, *selected]


def record_failures(
    session: Session, run: Run, now: datetime, object_type: str, ended: Sequence[Entry]
) -> None:
    """Keep what failed in a run, and forget earlier failures of what ended otherwise.

    What HubSpot says of an object that was sent in part, or refused, does not mean that all of it has
    arrived: only a push proves that. The same holds the other way round.
    """
    direction = kind_of(run.kind).direction
    if run.is_preview or direction == "none":
        return
    failed = {key: one for one in ended if _has_failed(one) for key in _keys(one)[:1]}
    if session.scalar(_ANY, {"connection_id": run.connection_id}) is not None:
        recovered = [one for one in ended if not _has_failed(one)]
        synced = [one for one in recovered if one.outcome in _SYNCED]
        _forget(session, run, object_type, synced, FailingRecord.direction == direction)
        _forget(session, run, object_type, [one for one in recovered if one.outcome not in _SYNCED])
    rows = [
        (
            *(run.connection_id, object_type, key, one.record_id, one.remote_id, one.name, direction),
            *(one.reason, _property_of(one), one.detail, run.id, now),
        )
        for key, one in failed.items()
    ]
    table: Any = FailingRecord.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def _forget(
    session: Session, run: Run, object_type: str, recovered: Sequence[Entry], *also: ColumnElement[bool]
) -> None:
    keys = [key for one in recovered for key in _keys(one)]
    if keys:
        session.execute(
            delete(FailingRecord)
            .where(FailingRecord.connection_id == run.connection_id, FailingRecord.object_type == object_type)
            .where(among(session, FailingRecord.key, keys), *also)
            .execution_options(synchronize_session=False)
        )


def _has_failed(one: Entry) -> bool:
    """Whether a record failed, or some fields of it."""
    return one.outcome == outcomes.FAILED or one.reason in outcomes.IN_PART


def _keys(one: Entry) -> list[str]:
    """The keys of its row; a failure may have been kept before its record was known."""
    if one.reason in _ASSOCIATION:
        return [f"a{one.record_id}"]
    keys = [str(one.record_id)] if one.record_id is not None else []
    return [*keys, f"o{one.remote_id}"] if one.remote_id is not None else keys


def _property_of(one: Entry) -> str:
    return str((one.detail or {}).get("property") or "")[:_LONGEST_PROPERTY]


def record_ids(
    connection_id: int, object_type: ObjectType, selection: FailureSelection, *, direction: str | None = None
) -> Select[Any]:
    """The records that are meant, as a query."""
    query = select(FailingRecord.record_id).where(
        *conditions(selection, connection_id),
        FailingRecord.object_type == object_type,
        FailingRecord.record_id.is_not(None),
    )
    return query.where(FailingRecord.direction == direction) if direction else query
