"""What a search for missed changes reads and writes: which connection is due, what was met, what was not."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CursorResult, and_, func, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Connection, InboxEvent, Link, RemoteObject, Run, WebhookEventCount
from webapp.store.connection.connections import CONNECTED
from webapp.store.database.lists import among


class Unmet(NamedTuple):
    """A linked object that no page of a comparison held."""

    link_id: int
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
    """Everything up to this moment of HubSpot's was read; the watermark never moves back."""
    session.execute(
        update(Connection)
        .where(Connection.id == connection_id, or_(Connection.watermark.is_(None), Connection.watermark < to))
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
    """A page of the comparison held these objects."""
    session.execute(
        update(Link)
        .where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            among(session, Link.remote_id, remote_ids),
        )
        .values(listed_run_id=run.id)
        .execution_options(synchronize_session=False)
    )


def unmet(session: Session, run_id: int, object_type: ObjectType, *, after: int, limit: int) -> list[Unmet]:
    """Linked objects, from before the comparison began, that none of its pages held."""
    run = session.get_one(Run, run_id)
    query = (
        select(Link.id, Link.remote_id)
        .where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            Link.state == "linked",
            Link.id > after,
            Link.linked_at < func.coalesce(run.started_at, run.created_at),
            or_(Link.listed_run_id.is_(None), Link.listed_run_id != run_id),
        )
        .order_by(Link.id)
        .limit(limit)
    )
    return [Unmet(*row) for row in session.execute(query)]


def announced_among(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Collection[str]
) -> set[str]:
    """Those of these objects with a webhook event that was not looked into yet."""
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
