"""Objects that this installation has made and does not know: its database comes from an older backup."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.domain.connection.own_keys import has_prefix
from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.models import Link, RemoteObject
from webapp.models.records.records import IS_UUID_GIVEN
from webapp.store.connection import connections
from webapp.store.database.lists import among
from webapp.store.pull.context import Page
from webapp.store.records import installation
from webapp.store.records.records import TABLES


def record_unknown(session: Session, page: Page, plans: Sequence[Plan]) -> dict[str, str]:
    """Remember that time went back, where a page holds such objects; their keys, by object."""
    keys = {
        plan.remote.id: plan.incoming.own_key
        for plan in plans
        if plan.link is None and plan.incoming is not None and plan.incoming.own_key
    }
    prefix = installation.known_key_prefix(session) if keys else None
    unknown = {
        remote_id: key
        for remote_id, key in keys.items()
        if prefix is not None
        and has_prefix(key, prefix)
        and remote_id not in page.facts.seen
        and page.facts.index.with_own_key(key) is None
    }
    if unknown:
        connections.record_restored(session, page.context.connection_id, page.now)
    return unknown


def unknown_among(
    session: Session, connection_id: int, object_type: ObjectType, keys: dict[str, str]
) -> set[str]:
    """Of objects that bear keys of this installation, those of which neither object nor key is known here."""
    table = TABLES[object_type]
    # The condition of the index.
    is_given = text(IS_UUID_GIVEN)
    known = select(table.uuid).where(is_given, among(session, table.uuid, [*keys.values()]))
    known_keys = set(session.scalars(known))
    known_ids = _known_objects(session, connection_id, object_type, list(keys))
    return {one for one, key in keys.items() if key not in known_keys and one not in known_ids}


def _known_objects(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Collection[str]
) -> set[str]:
    found: set[str] = set()
    for of in (Link, RemoteObject):
        query = select(of.remote_id).where(
            of.connection_id == connection_id,
            of.object_type == object_type,
            among(session, of.remote_id, list(remote_ids)),
        )
        found |= set(session.scalars(query))
    return found
