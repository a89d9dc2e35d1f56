"""Edits by people: written in the transaction of the edit, read to show who did it and when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Change, Value
from webapp.models import RecordEdit
from webapp.store.database.bulk import insert_rows
from webapp.store.database.lists import among
from webapp.store.links import links, questions

Origin = Literal["person", "csv", "merge", "undo"]

_COLUMNS = ("object_type", "record_id", "at", "user_id", "origin", "run_id", "changes")


def add(
    session: Session,
    object_type: ObjectType,
    edited: Iterable[tuple[int, Sequence[Change]]],
    *,
    origin: Origin,
    now: datetime,
    user_id: int | None = None,
    run_id: int | None = None,
) -> None:
    """Record edits, each with its changed fields; records without any are left out.

    Have held objects looked at again that may be one of these records.
    """
    changed = [(record_id, changes) for record_id, changes in edited if changes]
    rows = [
        (object_type, record_id, now, user_id, origin, run_id, [list(change) for change in changes])
        for record_id, changes in changed
    ]
    table: Any = RecordEdit.__table__
    insert_rows(session, table, _COLUMNS, rows)
    before = {record_id: {name: old for name, old, _new in changes} for record_id, changes in changed}
    links.remember_before(session, object_type, before)
    questions.ask_again(session, object_type, before, now)


def changes_between(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Change]:
    """The fields whose values differ; of a new record all that it has."""
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def newest(session: Session) -> int:
    """The number of the newest edit; 0 before the first."""
    return session.scalar(select(func.max(RecordEdit.id))) or 0


def latest(
    session: Session, object_type: ObjectType, record_ids: Sequence[int], *, after_id: int | None = None
) -> dict[int, dict[str, datetime]]:
    """When each field of these records was last edited, or last edited after an edit, by record and field."""
    if not record_ids:
        return {}
    query = (
        select(RecordEdit.record_id, RecordEdit.at, RecordEdit.changes)
        .where(RecordEdit.object_type == object_type, among(session, RecordEdit.record_id, list(record_ids)))
        .order_by(RecordEdit.id)
    )
    if after_id is not None:
        query = query.where(RecordEdit.id > after_id)
    found: dict[int, dict[str, datetime]] = {}
    for record_id, at, changes in session.execute(query):
        found.setdefault(record_id, {}).update({name: at for name, *_ in changes})
    return found
