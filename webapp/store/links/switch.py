"""A record's link as a person switches it; `webapp.store.links.links` is what a sync writes."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Link


def turn(
    session: Session, connection_id: int, object_type: ObjectType, record_id: int, *, before: str, after: str
) -> bool:
    """Give a record's link another state, if it has the one expected; whether it had."""
    turned = session.execute(
        update(Link)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            Link.record_id == record_id,
            Link.state == before,
        )
        .values(state=after)
        .returning(Link.id)
        .execution_options(synchronize_session=False)
    )
    return turned.first() is not None
