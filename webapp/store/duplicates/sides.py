"""Records of a group as people compare them: values, link and contacts, in a fixed number of statements."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.domain.duplicates.choices import Side
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.models import Company, Contact, Link
from webapp.store.database.lists import among
from webapp.store.records.records import TABLES, values_of


class SideRead(Struct, frozen=True):
    """A record with its side of a comparison, its version, and its link in this connection."""

    side: Side
    version: int
    is_active: bool
    remote_id: str | None
    link_state: str | None

    @property
    def values(self) -> dict[str, Value]:
        """The record's field values."""
        return dict(self.side.values)


def read(
    session: Session, object_type: ObjectType, ids: Sequence[int], connection_id: int | None
) -> dict[int, SideRead]:
    """The records that are here, in order of their numbers."""
    table: Any = TABLES[object_type]
    rows = session.scalars(select(table).where(among(session, table.id, list(ids))).order_by(table.id))
    links = _links(session, object_type, ids, connection_id)
    contacts = _contacts(session, ids) if object_type == "companies" else {}
    return {
        row.id: SideRead(
            Side(
                row.id,
                values_of(object_type, row),
                row.created_at,
                row.updated_at,
                is_linked=row.id in links,
                contacts=contacts.get(row.id, 0),
            ),
            row.version,
            row.is_active,
            *links.get(row.id, (None, None)),
        )
        for row in rows
    }


def company_names(session: Session, of: Iterable[Side]) -> dict[int, str]:
    """The names of the companies that contacts belong to, by number."""
    numbers = {side.values.get("company_id") for side in of} - {None}
    query = select(Company.id, Company.name, Company.domain).where(
        among(session, Company.id, sorted(int(str(one)) for one in numbers))
    )
    return {number: name or domain or f"company {number}" for number, name, domain in session.execute(query)}


def _links(
    session: Session, object_type: ObjectType, ids: Sequence[int], connection_id: int | None
) -> dict[int, tuple[str, str]]:
    if connection_id is None:
        return {}
    query = select(Link.record_id, Link.remote_id, Link.state).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        among(session, Link.record_id, list(ids)),
    )
    return {record_id: (remote_id, state) for record_id, remote_id, state in session.execute(query)}


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = (
        select(Contact.company_id, func.count())
        .where(among(session, Contact.company_id, list(ids)))
        .group_by(Contact.company_id)
    )
    return {number: count for number, count in session.execute(query) if number is not None}
