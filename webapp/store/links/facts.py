"""Links as the domain takes them, found by their objects."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import LinkFacts
from webapp.domain.records.fields import ObjectType
from webapp.models import AnnouncedUpdate, Link
from webapp.store.database.lists import among


def of_objects(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, LinkFacts]:
    """The links to these objects, by object."""
    columns = (Link.id, Link.record_id, Link.remote_id, Link.state, Link.local_seen, Link.remote_seen)
    query = select(*columns, Link.remote_updated_at, Link.generation, Link.awaited_company).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        among(session, Link.remote_id, remote_ids),
    )
    return {row.remote_id: LinkFacts(*row) for row in session.execute(query)}


def announced(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    """The values that a push is sending to these objects at this moment, by object and field."""
    of_record = and_(
        AnnouncedUpdate.connection_id == Link.connection_id,
        AnnouncedUpdate.object_type == Link.object_type,
        AnnouncedUpdate.record_id == Link.record_id,
    )
    query = (
        select(Link.remote_id, AnnouncedUpdate.changes)
        .join(AnnouncedUpdate, of_record)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, Link.remote_id, remote_ids),
        )
    )
    return {
        remote_id: {field: text for field, _prior, text in changes}
        for remote_id, changes in session.execute(query)
    }


def linked_from(
    session: Session, connection_id: int, object_type: ObjectType, number: str, limit: int
) -> list[str]:
    """The first linked objects with this number or a higher one, in the order of their numbers."""
    length = func.length(Link.remote_id)
    query = (
        select(Link.remote_id)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            Link.state == "linked",
            or_(length > len(number), and_(length == len(number), Link.remote_id >= number)),
        )
        .order_by(length, Link.remote_id)
        .limit(limit)
    )
    return list(session.scalars(query))
