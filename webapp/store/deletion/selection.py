"""Which records a deletion is about: those of a list's filter, or some by number; and how many they are."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import Extent
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import DeleteOptions
from webapp.models import Contact, Link
from webapp.store.connection import connections
from webapp.store.database.lists import among
from webapp.store.records.lists import Question, narrowed
from webapp.store.records.records import TABLES
from webapp.store.records.standing import Standing


def newest_id(session: Session, object_type: ObjectType) -> int:
    """The number of the newest record of a type; 0 without any."""
    return session.scalar(select(func.max(TABLES[object_type].id))) or 0


def page(session: Session, options: DeleteOptions, *, after_id: int, limit: int) -> list[int]:
    """The numbers of the next records, also of those that are not here any more."""
    if options.records is not None:
        return [one for one in sorted(set(options.records)) if one > after_id][:limit]
    table: Any = TABLES[options.object_type]
    query = _listed(session, options).where(table.id > after_id).order_by(table.id)
    return list(session.scalars(query.limit(limit)))


def contacts_page(session: Session, company_ids: Sequence[int], *, after_id: int, limit: int) -> list[int]:
    """The numbers of the next contacts of companies."""
    query = select(Contact.id).where(among(session, Contact.company_id, list(company_ids)))
    return list(session.scalars(query.where(Contact.id > after_id).order_by(Contact.id).limit(limit)))


def extent(session: Session, connection_id: int, options: DeleteOptions) -> Extent:
    """How much a deletion concerns."""
    table: Any = TABLES[options.object_type]
    chosen = _chosen(session, options)
    is_linked = exists().where(
        Link.connection_id == connection_id,
        Link.object_type == options.object_type,
        Link.record_id == table.id,
    )
    records = _count(session, chosen)
    linked = _count(session, chosen.where(is_linked))
    if options.object_type == "contacts":
        return Extent(records=records, linked=linked)
    of_these = select(Contact).where(Contact.company_id.in_(chosen))
    owning = select(func.count(Contact.company_id.distinct())).where(Contact.company_id.in_(chosen))
    return Extent(
        records=records,
        linked=linked,
        owning=session.scalar(owning) or 0,
        contacts=_count(session, of_these.with_only_columns(Contact.id)),
    )


def _chosen(session: Session, options: DeleteOptions) -> Select[Any]:
    """The numbers of all of them that are here."""
    if options.records is None:
        return _listed(session, options)
    table: Any = TABLES[options.object_type]
    return select(table.id).where(among(session, table.id, sorted(set(options.records))))


def _listed(session: Session, options: DeleteOptions) -> Select[Any]:
    table: Any = TABLES[options.object_type]
    # As in the list: without a connection in use nothing counts as linked.
    connection = connections.current(session)
    question = Question(
        search=options.listed.search,
        state=options.listed.state,
        standing=cast("Standing", options.listed.standing),
        connection_id=connection.id if connection is not None else None,
    )
    # The company that contacts are moved to stays.
    stays = options.company_id if options.contacts == "move" else None
    is_meant = select(table.id).where(table.id <= options.newest_id, table.id != (stays or 0))
    return narrowed(session, options.object_type, question, is_meant)


def _count(session: Session, chosen: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
