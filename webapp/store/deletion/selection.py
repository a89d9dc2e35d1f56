"""Which records a deletion is about, and how many they are."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import Extent
from webapp.domain.runs.options import DeleteOptions
from webapp.models import Contact, Link
from webapp.store.database.lists import among
from webapp.store.records.listing import selection
from webapp.store.records.records import TABLES


def page(session: Session, options: DeleteOptions, *, after_id: int, limit: int) -> list[int]:
    """The numbers of the next records, also of those that are not here any more."""
    return selection.page(session, options, after_id=after_id, limit=limit, without=_staying(options))


def contacts_page(session: Session, company_ids: Sequence[int], *, after_id: int, limit: int) -> list[int]:
    """The numbers of the next contacts of companies."""
    query = select(Contact.id).where(among(session, Contact.company_id, list(company_ids)))
    return list(session.scalars(query.where(Contact.id > after_id).order_by(Contact.id).limit(limit)))


def extent(
    session: Session, connection_id: int, options: DeleteOptions, *, most: int | None = None
) -> Extent:
    """How much a deletion concerns; with `most`, each figure counted to one above that."""
    table: Any = TABLES[options.object_type]
    chosen = selection.chosen(session, options, without=_staying(options))
    is_linked = exists().where(
        Link.connection_id == connection_id,
        Link.object_type == options.object_type,
        Link.record_id == table.id,
    )
    records = selection.count(session, chosen, most=most)
    linked = selection.count(session, chosen.where(is_linked), most=most)
    if options.object_type == "contacts":
        return Extent(records=records, linked=linked, most=most)
    is_of_these = Contact.company_id.in_(chosen)
    return Extent(
        records=records,
        linked=linked,
        owning=selection.count(session, select(Contact.company_id).where(is_of_these).distinct(), most=most),
        contacts=selection.count(session, select(Contact.id).where(is_of_these), most=most),
        most=most,
    )


def _staying(options: DeleteOptions) -> int | None:
    """The company that contacts are moved to stays."""
    return options.company_id if options.contacts == "move" else None
