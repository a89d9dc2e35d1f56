"""Reads held objects and those that were not imported: pages by key, and counts from an index."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import FIELD_NAMES, ObjectType
from webapp.models import Company, Contact, Link, RemoteObject
from webapp.store.database.lists import among
from webapp.store.database.pages import Number, Page, cursor, merged_ids, merged_page, place_of
from webapp.store.records.listing.groups import MOST_COUNTED, counted_groups

__all__ = ["Group", "RemoteObject"]


LOOK_THROUGH = 20_000
"""How many rows a search by name reads at once."""

HELD_STATES = ("held",)
NOT_IMPORTED_STATES = ("waiting", "unlinked", "excluded", "skipped", "ignored")


class Group(Struct, frozen=True):
    """How many objects or records of a type are in this state for this reason, at most `MOST_COUNTED`.

    Those whose decision is being carried out are listed with the others, and not counted any more.
    """

    state: str
    reason: str
    object_type: str
    count: int


def groups(session: Session, connection_id: int) -> list[Group]:
    """The counts, largest first."""
    columns = ("state", "reason", "object_type")
    counted = counted_groups(session, RemoteObject, columns, connection_id=connection_id)
    return undecided([Group(*row) for row in counted], _decided(session, connection_id))


def _decided(session: Session, connection_id: int) -> Mapping[tuple[str, ...], int]:
    """How many decisions are being carried out: in the order of their index, of which there are few."""
    query = select(RemoteObject.state, RemoteObject.reason, RemoteObject.object_type).where(
        RemoteObject.connection_id == connection_id, RemoteObject.decision.is_not(None)
    )
    return Counter(tuple(row) for row in session.execute(query.order_by(RemoteObject.id)))


def undecided(groups: Sequence[Group], decided: Mapping[tuple[str, ...], int]) -> list[Group]:
    """Groups without those that were decided about, largest first; a count that ended at its limit stays."""
    left = [
        group
        if group.count >= MOST_COUNTED
        else structs.replace(
            group, count=group.count - decided.get((group.state, group.reason, group.object_type), 0)
        )
        for group in groups
    ]
    return sorted(left, key=lambda group: -group.count)


def page(
    session: Session,
    connection_id: int,
    groups: Collection[Group],
    *,
    after: str = "",
    limit: int = 20,
    search: str = "",
) -> Page[RemoteObject]:
    """A page of the objects in some of the groups; with `search`, of those whose names hold it.

    A search looks through a bounded stretch; where that ends before the page is full, the next page goes on.
    """
    stretches = _stretches(connection_id, groups)
    if not search:
        return merged_page(session, RemoteObject, stretches, after=after, limit=limit)
    place = place_of(after, tuple[Number])
    last = (place[0] if place else _before_first(session, stretches)) + LOOK_THROUGH
    holds = RemoteObject.display_name.icontains(search, autoescape=True)
    narrowed = [(*stretch, RemoteObject.id <= last, holds) for stretch in stretches]
    found = merged_page(session, RemoteObject, narrowed, after=after, limit=limit)
    if found.next or not merged_ids(session, RemoteObject, stretches, after_id=last, limit=1):
        return found
    return structs.replace(found, next=cursor(last), is_cut=True)


def _before_first(session: Session, stretches: Sequence[tuple[ColumnElement[bool], ...]]) -> int:
    """The number before the first object of these stretches."""
    first = merged_ids(session, RemoteObject, stretches, after_id=0, limit=1)
    return first[0] - 1 if first else 0


def _stretches(connection_id: int, groups: Collection[Group]) -> list[tuple[ColumnElement[bool], ...]]:
    return [
        (
            RemoteObject.connection_id == connection_id,
            RemoteObject.state == group.state,
            RemoteObject.reason == group.reason,
            RemoteObject.object_type == group.object_type,
        )
        for group in groups
    ]


def ids(session: Session, connection_id: int, groups: Collection[Group], *, limit: int) -> list[int]:
    """The numbers of the objects in some of the groups, the oldest first."""
    return merged_ids(session, RemoteObject, _stretches(connection_id, groups), after_id=0, limit=limit)


def get(session: Session, remote_object_id: int) -> RemoteObject | None:
    """One object."""
    return session.get(RemoteObject, remote_object_id)


def records(session: Session, object_type: ObjectType, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Records by number, as field values; a contact's also with `company`, its company's name."""
    names = FIELD_NAMES[object_type]
    if object_type == "companies":
        found = session.scalars(select(Company).where(among(session, Company.id, ids)))
        return {row.id: {name: getattr(row, name) for name in names} for row in found}
    with_company = session.execute(
        select(Contact, Company.name)
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(among(session, Contact.id, ids))
    )
    return {
        row.id: {name: getattr(row, name) for name in names} | {"company": company}
        for row, company in with_company
    }


def linked_ids(session: Session, connection_id: int, object_type: str, ids: Sequence[int]) -> set[int]:
    """The records among these that are linked to an object already."""
    query = select(Link.record_id).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        among(session, Link.record_id, ids),
    )
    return set(session.scalars(query))


def linked_companies(
    session: Session, connection_id: int, remote_ids: Sequence[str]
) -> dict[str, tuple[int, str | None]]:
    """The companies here that are linked to these objects: number and name."""
    found = session.execute(
        select(Link.remote_id, Company.id, Company.name)
        .join(Company, Company.id == Link.record_id)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == "companies",
            among(session, Link.remote_id, remote_ids),
        )
    )
    return {remote_id: (record_id, name) for remote_id, record_id, name in found}


class AwaitedCompany(Struct, frozen=True):
    """A company of HubSpot that is not here: its name, and its state; None where it was not read yet."""

    name: str
    state: str | None


def awaited_companies(
    session: Session, connection_id: int, remote_ids: Collection[str]
) -> dict[str, AwaitedCompany]:
    """The companies for which contacts wait, by object."""
    if not remote_ids:
        return {}
    query = select(RemoteObject.remote_id, RemoteObject.display_name, RemoteObject.state).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == "companies",
        among(session, RemoteObject.remote_id, sorted(remote_ids)),
    )
    known = {remote_id: AwaitedCompany(name, state) for remote_id, name, state in session.execute(query)}
    return {one: known.get(one, AwaitedCompany(one, None)) for one in remote_ids}
