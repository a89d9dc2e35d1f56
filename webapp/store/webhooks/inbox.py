"""The inbox: webhook events are stored here before HubSpot is answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Select, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.records.fields import ObjectType
from webapp.domain.webhooks.events import WebhookEvent
from webapp.models import AnnouncedProperty, Connection, InboxEvent, WebhookEventCount
from webapp.models.base import UtcDateTime
from webapp.store.connection.connections import CONNECTED, DISCONNECTED
from webapp.store.database.bulk import insert_missing_rows, insert_rows
from webapp.store.database.lists import among, dialect_of

LOOK_AGAIN = "look_again"
"""The kind of what we put here ourselves: an object whose state rests on something that has changed here."""

_COLUMNS = (
    *("connection_id", "object_type", "remote_id", "kind", "property", "value", "source", "source_id"),
    *("occurred_at", "received_at", "attempts"),
)


def connections_of(session: Session, portal_ids: Iterable[str]) -> dict[str, int]:
    """The connections of these portals that are in use, by portal id."""
    query = select(Connection.portal_id, Connection.id).where(
        Connection.portal_id.in_(set(portal_ids)), Connection.state != DISCONNECTED
    )
    return {portal_id: number for portal_id, number in session.execute(query)}  # noqa: C416 - rows are no pairs


def add(session: Session, events: Sequence[tuple[int, WebhookEvent]], now: datetime) -> None:
    """Store events, each with its connection, in one insert."""
    rows = [
        (
            *(connection_id, one.object_type, one.remote_id, one.kind, one.property, one.value),
            *(one.source, one.source_id, one.occurred_at, now, 0),
        )
        for connection_id, one in events
    ]
    table: Any = InboxEvent.__table__
    insert_rows(session, table, _COLUMNS, rows)


def add_looks(session: Session, objects: Select[int, str, str], now: datetime) -> None:
    """Have objects looked at again without a webhook event, since a change here affects them.

    Args:
        session: The transaction that has changed it.
        objects: A query for connection, object type and id of each.
        now: The moment.
    """
    found = objects.subquery()
    moment = literal(now, UtcDateTime())
    looks = select(*found.c, literal(LOOK_AGAIN), literal(""), literal(""), moment, moment, literal(0))
    names = ("connection_id", "object_type", "remote_id", "kind", "source", "source_id")
    statement = insert(InboxEvent).from_select([*names, "occurred_at", "received_at", "attempts"], looks)
    session.execute(statement)


def record_announced(session: Session, events: Sequence[tuple[int, WebhookEvent]]) -> None:
    """Remember the properties that events have come for, with their connections."""
    named: set[tuple[int, str, str]] = {
        (number, one.object_type, one.property) for number, one in events if one.property
    }
    known = {
        (number, *one) for number in {number for number, *_ in named} for one in announced(session, number)
    }
    table: Any = AnnouncedProperty.__table__
    insert_missing_rows(session, table, ("connection_id", "object_type", "property"), sorted(named - known))


def announced(session: Session, connection_id: int) -> set[tuple[str, str]]:
    """The properties, each with its object type, that an event has ever come for."""
    query = select(AnnouncedProperty.object_type, AnnouncedProperty.property)
    found = session.execute(query.where(AnnouncedProperty.connection_id == connection_id))
    return {(object_type, name) for object_type, name in found}


def add_counts(session: Session, counts: Mapping[str, int], now: datetime) -> None:
    """Count what came today."""
    insert: Any = insert_postgresql if dialect_of(session) == "postgresql" else insert_sqlite
    day = now.astimezone(UTC).date()
    rows = [
        {"day": day, "name": name, "count": count, "latest_at": now}
        for name, count in sorted(counts.items())
        if count
    ]
    if not rows:
        return
    statement = insert(WebhookEventCount).values(rows)
    added = {
        "count": WebhookEventCount.count + statement.excluded.count,
        "latest_at": statement.excluded.latest_at,
    }
    session.execute(statement.on_conflict_do_update(index_elements=["day", "name"], set_=added))


class PendingObject(Struct):
    """An object with its webhook events, which say how often it could not be read."""

    remote_id: str
    events: list[InboxEvent]

    def has_event(self, kind: str) -> bool:
        """Whether one of the events is of this kind."""
        return any(event.kind == kind for event in self.events)

    @property
    def attempts(self) -> int:
        """How often it was not readable so far."""
        return max(event.attempts for event in self.events)


def first_received_at(session: Session, connection_id: int, now: datetime) -> datetime | None:
    """When the event came that has waited longest of those to be looked into."""
    is_due = or_(InboxEvent.not_before.is_(None), InboxEvent.not_before <= now)
    query = select(InboxEvent.received_at).where(InboxEvent.connection_id == connection_id, is_due)
    return session.scalars(query.order_by(InboxEvent.id).limit(1)).first()


def pending(
    session: Session, connection_id: int, object_type: ObjectType, now: datetime, limit: int
) -> list[PendingObject]:
    """The objects that have waited longest, each with its events collapsed into one look."""
    is_due = (
        InboxEvent.connection_id == connection_id,
        InboxEvent.object_type == object_type,
        or_(InboxEvent.not_before.is_(None), InboxEvent.not_before <= now),
    )
    objects = session.scalars(
        select(InboxEvent.remote_id)
        .where(*is_due)
        .group_by(InboxEvent.remote_id)
        .order_by(func.min(InboxEvent.id))
        .limit(limit)
    ).all()
    by_object: dict[str, PendingObject] = {remote_id: PendingObject(remote_id, []) for remote_id in objects}
    of_objects = select(InboxEvent).where(*is_due, among(session, InboxEvent.remote_id, list(objects)))
    for event in session.scalars(of_objects.order_by(InboxEvent.id)):
        by_object[event.remote_id].events.append(event)
    return [one for one in by_object.values() if one.events]


def forget(session: Session, looked_at: Iterable[PendingObject]) -> None:
    """These were looked into; what came meanwhile stays."""
    ids = [event.id for one in looked_at for event in one.events]
    if ids:
        session.execute(
            delete(InboxEvent)
            .where(among(session, InboxEvent.id, ids))
            .execution_options(synchronize_session=False)
        )


def postpone(session: Session, unread: Iterable[PendingObject], not_before: datetime) -> None:
    """Their objects cannot be read yet: look again later."""
    ids = [event.id for one in unread for event in one.events]
    if ids:
        session.execute(
            update(InboxEvent)
            .where(among(session, InboxEvent.id, ids))
            .values(attempts=InboxEvent.attempts + 1, not_before=not_before)
            .execution_options(synchronize_session=False)
        )


def connections_with_due(session: Session, now: datetime) -> list[int]:
    """The usable connections whose first pull has finished, and whose events wait to be looked into."""
    query = (
        select(InboxEvent.connection_id, Connection.automatic)
        .join(Connection, Connection.id == InboxEvent.connection_id)
        .where(
            Connection.state == CONNECTED,
            Connection.first_pull_finished_at.is_not(None),
            or_(InboxEvent.not_before.is_(None), InboxEvent.not_before <= now),
        )
        .distinct()
    )
    return [number for number, switches in session.execute(query) if not is_on(switches, "paused")]


def latest_delivery_at(session: Session) -> datetime | None:
    """When HubSpot delivered events last."""
    return session.scalar(
        select(func.max(WebhookEventCount.latest_at)).where(WebhookEventCount.name == "deliveries")
    )


class Summary(Struct):
    """How events come in: the latest delivery, today's (UTC) counts by name, and how many wait."""

    latest_at: datetime | None
    today: dict[str, int]
    waiting: int


def summary(session: Session, connection_id: int, now: datetime) -> Summary:
    """The figures about webhook events on the page of the connection."""
    counted = select(WebhookEventCount).where(WebhookEventCount.day == now.astimezone(UTC).date())
    waiting = select(func.count()).where(InboxEvent.connection_id == connection_id)
    return Summary(
        latest_at=latest_delivery_at(session),
        today={row.name: row.count for row in session.scalars(counted)},
        waiting=session.scalar(waiting.select_from(InboxEvent)) or 0,
    )
