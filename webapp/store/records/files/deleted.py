"""The deleted records that rows of a file may mean: by number from the log, else from tombstones."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.files.rows import Row
from webapp.domain.runs.outcomes import UPDATED
from webapp.models import LogEntry, RemoteObject
from webapp.store.connection import connections
from webapp.store.database.lists import among
from webapp.store.records.records import TABLES


def by_claim(
    session: Session, object_type: ObjectType, rows: Sequence[Row], numbers: Collection[int]
) -> dict[str, str]:
    """The names of deleted records, by what a row may claim of them: `id 5`, `object 1201`, `key a@acme.de`.

    Args:
        session: What reads.
        object_type: Companies or contacts.
        rows: The rows of a batch.
        numbers: The records that they name by number.
    """
    found = {f"id {number}": name for number, name in _by_number(session, object_type, numbers)}
    connection = connections.current(session)
    if connection is None:
        return found
    key: Any = RemoteObject.domain_key if object_type == "companies" else RemoteObject.email_key
    of_type = (
        RemoteObject.connection_id == connection.id,
        RemoteObject.object_type == object_type,
        # As a literal, so that the index of tombstones serves it.
        RemoteObject.state == literal_column("'ignored'"),
        RemoteObject.reason == DELETED_HERE,
    )
    objects = {row.remote_id for row in rows if row.remote_id}
    keys = {one for row in rows if row.is_own_key for one in row.keys}
    found |= _buried(session, "object", RemoteObject.remote_id, objects, of_type)
    return found | _buried(session, "key", key, keys, (*of_type, key.is_not(None)))


def _by_number(
    session: Session, object_type: ObjectType, numbers: Collection[int]
) -> Sequence[tuple[int, str]]:
    """Of those that are not here; an undo may have brought one back since."""
    if not numbers:
        return []
    table: Any = TABLES[object_type]
    here = set(session.scalars(select(table.id).where(among(session, table.id, sorted(numbers)))))
    query = select(LogEntry.record_id, LogEntry.name).where(
        LogEntry.object_type == object_type,
        among(session, LogEntry.record_id, sorted(set(numbers) - here)),
        LogEntry.reason == DELETED_HERE,
        LogEntry.outcome == UPDATED,
    )
    return [(number or 0, name) for number, name in session.execute(query.order_by(LogEntry.run_id))]


def _buried(
    session: Session,
    kind: str,
    column: Any,
    claimed: Collection[str],
    of_type: tuple[ColumnElement[bool], ...],
) -> dict[str, str]:
    if not claimed:
        return {}
    query = select(column, RemoteObject.display_name).where(*of_type, among(session, column, sorted(claimed)))
    return {f"{kind} {value}": name for value, name in session.execute(query.order_by(RemoteObject.id))}
