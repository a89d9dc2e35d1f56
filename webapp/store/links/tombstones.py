"""Tombstones: what keeps an object from coming back whose record, or link, was taken away here.

They stand among the objects that were seen and not linked, in the state `ignored`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import DELETED_HERE, PERSON_ERASED, REVERTED
from webapp.domain.records.fields import ObjectType
from webapp.models import Link, RemoteObject
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among

_COLUMNS = (
    *("connection_id", "object_type", "remote_id", "display_name", "properties", "state", "reason"),
    *("detail", "decision", "remote_updated_at", "read_at", "email_key", "domain_key", "run_id"),
)


class Tombstone(Struct, frozen=True, kw_only=True):
    """One of them.

    Attributes:
        name: what the object is called.
        record_id: the record that was its.
        email_key, domain_key: the keys that find it.
    """

    connection_id: int
    remote_id: str
    name: str
    reason: str
    record_id: int | None = None
    remote_updated_at: datetime | None = None
    email_key: str | None = None
    domain_key: str | None = None
    run_id: int | None = None


def of_link(link: Link, name: str, reason: str) -> Tombstone:
    """The tombstone of an object that loses its link."""
    return Tombstone(
        connection_id=link.connection_id,
        remote_id=link.remote_id,
        name=name,
        reason=reason,
        record_id=link.record_id,
        remote_updated_at=link.remote_updated_at,
    )


def write(session: Session, object_type: ObjectType, stones: Sequence[Tombstone], now: datetime) -> None:
    """Write tombstones, which replace everything stored about their objects."""
    rows: list[tuple[Any, ...]] = [
        (
            *(one.connection_id, object_type, one.remote_id, one.name, {}, "ignored", one.reason),
            *({"record_id": one.record_id} if one.record_id else None, None, one.remote_updated_at, now),
            *(one.email_key, one.domain_key, one.run_id),
        )
        for one in stones
    ]
    table: Any = RemoteObject.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def forget(session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]) -> None:
    """These objects are linked again."""
    session.execute(
        delete(RemoteObject)
        .where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            RemoteObject.reason.in_((REVERTED, DELETED_HERE, PERSON_ERASED)),
            among(session, RemoteObject.remote_id, list(remote_ids)),
        )
        .execution_options(synchronize_session=False)
    )


def records_of(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, int]:
    """By object, the record that was its and was deleted here."""
    query = select(RemoteObject.remote_id, RemoteObject.detail).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == object_type,
        RemoteObject.reason == DELETED_HERE,
        among(session, RemoteObject.remote_id, list(remote_ids)),
    )
    found = {remote_id: (detail or {}).get("record_id") for remote_id, detail in session.execute(query)}
    return {remote_id: record_id for remote_id, record_id in found.items() if record_id is not None}
