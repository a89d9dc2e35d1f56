"""The outbox: which linked records were edited here since they were last sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on, pushed_types
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Connection, Link, OutboxRecord
from webapp.store.connection.connections import CONNECTED, DISCONNECTED
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among
from webapp.store.push.facts import Scope
from webapp.store.records.records import TABLES

_COLUMNS = ("connection_id", "object_type", "record_id", "edited_at")


def add(session: Session, object_type: ObjectType, record_ids: list[int], now: datetime) -> list[int]:
    """Note in the transaction of an edit that it is to be sent; returns the connections concerned.

    Records that are not linked are noted where new ones are created by themselves.
    """
    query = (
        select(Link.connection_id, Link.record_id)
        .join(Connection, Connection.id == Link.connection_id)
        .where(
            Connection.state != DISCONNECTED,
            Link.object_type == object_type,
            Link.state == "linked",
            among(session, Link.record_id, record_ids),
        )
    )
    wanted = {(row.connection_id, row.record_id) for row in session.execute(query)}
    in_use = session.scalars(select(Connection).where(Connection.state != DISCONNECTED))
    creating = [row.id for row in in_use if is_on(row.automatic, "create")]
    wanted |= {(number, record_id) for number in creating for record_id in record_ids}
    rows = [(number, object_type, record_id, now) for number, record_id in sorted(wanted)]
    table: Any = OutboxRecord.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)
    return sorted({number for number, _ in wanted})


def count(session: Session, connection_id: int) -> int:
    """How many records were edited since they were last sent."""
    query = select(func.count()).where(OutboxRecord.connection_id == connection_id)
    return session.scalar(query.select_from(OutboxRecord)) or 0


def connections_with_due(session: Session) -> list[int]:
    """The usable connections whose first pull has finished, and whose edits are to be sent by themselves."""
    query = (
        select(OutboxRecord.connection_id, OutboxRecord.object_type, Connection.automatic)
        .join(Connection, Connection.id == OutboxRecord.connection_id)
        .where(Connection.state == CONNECTED, Connection.first_pull_finished_at.is_not(None))
        .distinct()
    )
    found = session.execute(query).all()
    return sorted({number for number, kind, switches in found if kind in pushed_types(switches)})


def unsent_of(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: list[int]
) -> frozenset[int]:
    """Which of these records were edited since they were last sent."""
    if not record_ids:
        return frozenset()
    query = select(OutboxRecord.record_id).where(
        OutboxRecord.connection_id == connection_id,
        OutboxRecord.object_type == object_type,
        among(session, OutboxRecord.record_id, record_ids),
    )
    return frozenset(session.scalars(query))


def unsent_objects(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> list[str]:
    """Of these objects those whose record was edited here since it was last sent."""
    query = (
        select(Link.remote_id)
        .join(
            OutboxRecord,
            and_(
                OutboxRecord.connection_id == Link.connection_id,
                OutboxRecord.object_type == Link.object_type,
                OutboxRecord.record_id == Link.record_id,
            ),
        )
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, Link.remote_id, remote_ids),
        )
    )
    return list(session.scalars(query.order_by(Link.remote_id))) if remote_ids else []


def forget(session: Session, connection_id: int, object_type: ObjectType, record_ids: list[int]) -> None:
    """These have nothing to send any more."""
    if record_ids:
        session.execute(
            delete(OutboxRecord)
            .where(
                OutboxRecord.connection_id == connection_id,
                OutboxRecord.object_type == object_type,
                among(session, OutboxRecord.record_id, record_ids),
            )
            .execution_options(synchronize_session=False)
        )


def forget_sent(session: Session, connection_id: int, scope: Scope, began_at: datetime) -> None:
    """A push of this scope is through: what was edited before it began has been sent.

    The rows of records that are not here any more go as well, else nothing would ever send them.
    """
    for object_type in OBJECT_TYPES:
        table: Any = TABLES[object_type]
        sent = scope.narrowed(select(table.id), object_type, connection_id)
        is_here = exists().where(table.id == OutboxRecord.record_id)
        session.execute(
            delete(OutboxRecord)
            .where(
                OutboxRecord.connection_id == connection_id,
                OutboxRecord.object_type == object_type,
                OutboxRecord.edited_at <= began_at,
                or_(OutboxRecord.record_id.in_(sent), ~is_here),
            )
            .execution_options(synchronize_session=False)
        )
