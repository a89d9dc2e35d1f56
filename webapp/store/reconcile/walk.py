"""Reads and writes of a reconcile: which connection is due, which objects were met, and which were not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.links.stretches import stretches
from webapp.domain.reconcile.schedule import MOST_AHEAD
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Connection, InboxEvent, Link, MetLinks, RemoteObject, Run, WebhookEventCount
from webapp.store.connection.connections import CONNECTED
from webapp.store.database.bulk import insert_rows
from webapp.store.database.lists import among
from webapp.store.database.pages import merged_ids

_MET = ("connection_id", "run_id", "object_type", "first_link_id", "last_link_id")


class Unmet(NamedTuple):
    """A linked object that no page of a comparison held."""

    link_id: int
    remote_id: str


class Asking(NamedTuple):
    """An object that is kept because of what is to be decided about it."""

    row_id: int
    remote_id: str


def connections(session: Session) -> list[Connection]:
    """The usable connections whose first pull has finished and whose automatic sync is not paused."""
    query = select(Connection).where(
        Connection.state == CONNECTED, Connection.first_pull_finished_at.is_not(None)
    )
    return [row for row in session.scalars(query) if not is_on(row.automatic, "paused")]


def claim(session: Session, connection_id: int, *, last: datetime | None, now: datetime) -> bool:
    """Take a connection's turn. False when another process took it: `last` is not the last one any more."""
    unchanged = Connection.reconciled_at.is_(None) if last is None else Connection.reconciled_at == last
    statement = update(Connection).where(Connection.id == connection_id, unchanged).values(reconciled_at=now)
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def record_compared(session: Session, connection_id: int, now: datetime) -> None:
    """A comparison of everything begins."""
    session.get_one(Connection, connection_id).compared_at = now


def open_run(session: Session, connection_id: int) -> Run | None:
    """The look for missed changes that is under way, if any; nobody else begins one until the commit."""
    session.execute(select(Connection.id).where(Connection.id == connection_id).with_for_update())
    return session.scalars(
        select(Run).where(
            Run.connection_id == connection_id,
            Run.kind == "reconcile",
            Run.state.in_(OPEN_STATES),
        )
    ).first()


def move_watermark(session: Session, connection_id: int, to: datetime) -> None:
    """Everything up to this moment of HubSpot's was read; back moves only a watermark that cannot be true."""
    is_untrue = Connection.watermark > to + MOST_AHEAD
    session.execute(
        update(Connection)
        .where(
            Connection.id == connection_id,
            or_(Connection.watermark.is_(None), Connection.watermark < to, is_untrue),
        )
        .values(watermark=to)
        .execution_options(synchronize_session=False)
    )


def seen_unlinked(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, datetime | None]:
    """When HubSpot had last changed the objects that are known and not linked."""
    query = select(RemoteObject.remote_id, RemoteObject.remote_updated_at).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == object_type,
        among(session, RemoteObject.remote_id, remote_ids),
    )
    return {row.remote_id: row.remote_updated_at for row in session.execute(query)}


def record_met(session: Session, run: Run, object_type: ObjectType, remote_ids: Sequence[str]) -> None:
    """A page of the comparison held these objects; links that follow one another are kept as one row."""
    query = select(Link.id).where(
        Link.connection_id == run.connection_id,
        Link.object_type == object_type,
        among(session, Link.remote_id, remote_ids),
    )
    table: Any = MetLinks.__table__
    met = stretches(session.scalars(query))
    rows = [(run.connection_id, run.id, object_type, one.first, one.last) for one in met]
    insert_rows(session, table, _MET, rows)


def forget_met(session: Session, connection_id: int) -> None:
    """A comparison is through: nobody asks any more what it, or one that was cut off before, has met."""
    statement = delete(MetLinks).where(MetLinks.connection_id == connection_id)
    session.execute(statement.execution_options(synchronize_session=False))


def unmet(session: Session, run_id: int, object_type: ObjectType, *, after: int, limit: int) -> list[Unmet]:
    """Linked objects, from before the comparison began, that none of its pages held."""
    run = session.get_one(Run, run_id)
    # Only the last stretch that begins before a link can contain it.
    met_until = (
        select(MetLinks.last_link_id)
        .where(
            MetLinks.connection_id == run.connection_id,
            MetLinks.run_id == run_id,
            MetLinks.object_type == object_type,
            MetLinks.first_link_id <= Link.id,
        )
        .order_by(MetLinks.first_link_id.desc())
        .limit(1)
        .correlate(Link)
        .scalar_subquery()
    )
    query = (
        select(Link.id, Link.remote_id)
        .where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            Link.state == "linked",
            Link.id > after,
            Link.linked_at < func.coalesce(run.started_at, run.created_at),
            func.coalesce(met_until, 0) < Link.id,
        )
        .order_by(Link.id)
        .limit(limit)
    )
    return [Unmet(*row) for row in session.execute(query)]


def asking(
    session: Session, connection_id: int, object_type: ObjectType, *, after: int, limit: int
) -> list[Asking]:
    """Objects that are held, wait for their company, or were skipped.

    As long as they are kept, a person may be asked about them, or a record is not pushed since it may be one.
    """
    of_type = (RemoteObject.connection_id == connection_id, RemoteObject.object_type == object_type)
    reasons = select(RemoteObject.state, RemoteObject.reason).where(
        *of_type, RemoteObject.state.in_(("held", "waiting", "skipped"))
    )
    some = [
        (*of_type, RemoteObject.state == state, RemoteObject.reason == reason)
        for state, reason in session.execute(reasons.distinct())
    ]
    ids = merged_ids(session, RemoteObject, some, after_id=after, limit=limit)
    query = select(RemoteObject.id, RemoteObject.remote_id).where(among(session, RemoteObject.id, ids))
    return [Asking(*row) for row in session.execute(query.order_by(RemoteObject.id))]


def announced_among(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Collection[str]
) -> set[str]:
    """The objects with a webhook event that still waits."""
    query = select(InboxEvent.remote_id).where(
        and_(InboxEvent.connection_id == connection_id, InboxEvent.object_type == object_type),
        among(session, InboxEvent.remote_id, list(remote_ids)),
    )
    return set(session.scalars(query))


def missed_since(session: Session, since: datetime) -> int:
    """How many changes without a webhook event were found since a day (UTC)."""
    query = select(func.sum(WebhookEventCount.count)).where(
        WebhookEventCount.name == "missed", WebhookEventCount.day >= since.date()
    )
    return session.scalar(query) or 0
