"""Edits by people: written in the transaction of the edit, read to show who did it and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.identity import KEY_FIELDS
from webapp.domain.records.keys import domain_key, email_key
from webapp.domain.records.values import Change, Value
from webapp.models import RecordEdit
from webapp.store.database.bulk import insert_rows
from webapp.store.database.lists import dialect_of, listed, parameter
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

    Have held objects looked at again that may be one of these records, or have a domain or an address that
    one of them has got.
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
    questions.ask_again_about(session, object_type, _new_keys(object_type, changed), now)


def _new_keys(object_type: ObjectType, changed: Iterable[tuple[int, Sequence[Change]]]) -> Iterator[str]:
    """The domains or addresses that the records have got."""
    name, key_of = KEY_FIELDS[object_type], domain_key if object_type == "companies" else email_key
    for _, changes in changed:
        for field, _old, new in changes:
            if field == name and isinstance(new, str) and (key := key_of(new)):
                yield key


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
    dialect = dialect_of(session)
    listed_ids = parameter(dialect, record_ids)
    given = {"object_type": object_type, "record_ids": listed_ids, "after_id": after_id or 0}
    found: dict[int, dict[str, datetime]] = {}
    for record_id, at, changes in session.execute(_edits_after(dialect), given):
        found.setdefault(record_id, {}).update({name: at for name, *_ in changes})
    return found


@cache
def _edits_after(dialect: str) -> Select[Any]:
    table: Any = RecordEdit.__table__
    return (
        select(table.c.record_id, table.c.at, table.c.changes)
        .where(
            table.c.object_type == bindparam("object_type"),
            listed(dialect, table.c.record_id, "record_ids"),
            table.c.id > bindparam("after_id"),
        )
        .order_by(table.c.id)
    )
