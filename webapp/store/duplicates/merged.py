"""The values that a merge keeps for being taken apart again, and taking it apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from webapp.domain.links.base import COMPANY, Base, set_apart
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Change
from webapp.models import Contact, ContactAddress, Link, MergedRecord, RemoteObject
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.database.pages import Moment, Number, Page, cursor, place_of
from webapp.store.links import generations, waiting
from webapp.store.links.every_connection import in_every_connection
from webapp.store.links.linked_flags import mark_linked, mark_unlinked
from webapp.store.mapping import mappings
from webapp.store.records.records import TABLES, Record, columns_of, further_emails, values_of
from webapp.store.records.searching import texts

__all__ = ["MergedRecord"]

_TIMES = ("remote_updated_at", "linked_at", "pulled_at", "pushed_at")
_OF_LINK = ("connection_id", "remote_id", "state", "local_seen", "remote_seen", *_TIMES)


def to_keep(
    session: Session, object_type: ObjectType, winner: Record, loser: Record, changes: Sequence[Change]
) -> dict[str, Any]:
    """What taking the two apart again will need, read before they are merged.

    Args:
        session: A writing transaction.
        object_type: Companies or contacts.
        winner: The record that stays.
        loser: The record that goes.
        changes: What the winner takes over.
    """
    links = session.scalars(select(Link).where(in_every_connection(object_type), Link.record_id == loser.id))
    is_company = object_type == "companies"
    of_company = select(Contact.id).where(Contact.company_id == loser.id)
    earlier = select(MergedRecord.loser_id).where(
        MergedRecord.object_type == object_type, MergedRecord.winner_id == loser.id
    )
    return {
        "values": values_of(object_type, loser),
        "uuid": loser.uuid,
        "is_active": loser.is_active,
        "created_at": loser.created_at.isoformat(),
        "addresses": [] if is_company else further_emails(session, loser.id),
        "contacts": list(session.scalars(of_company)) if is_company else [],
        "links": [_kept_link(link) for link in links],
        "earlier": list(session.scalars(earlier)),
        "changes": [list(change) for change in changes],
        "winner_addresses": [] if is_company else further_emails(session, winner.id),
    }


def _kept_link(link: Link) -> dict[str, Any]:
    kept = {name: getattr(link, name) for name in _OF_LINK}
    kept |= {name: kept[name].isoformat() if kept[name] else None for name in _TIMES}
    # Its object lives on as another one, which HubSpot cannot take back.
    return kept | {"is_merged_there": link.state == "held"}


def follow(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    records: tuple[int, int],
    survivor_id: str,
    *,
    now: datetime,
) -> None:
    """The objects of two records are one by now: the link of the one that stays follows.

    Args:
        session: A writing transaction, before the records themselves are merged.
        connection_id: Whose links.
        object_type: Companies or contacts.
        records: The record that stays, and the one that goes.
        survivor_id: The object that both live on as.
        now: The present time.
    """
    generation = generations.raise_generation(session, connection_id)
    of_type = Link.connection_id == connection_id, Link.object_type == object_type
    query = select(Link).where(*of_type, among(session, Link.record_id, list(records)))
    links = {link.record_id: link for link in session.scalars(query)}
    former = [link.remote_id for link in links.values() if link.remote_id != survivor_id]
    if (going := links.get(records[1])) is not None:
        going.state = "held"
    if (staying := links.get(records[0])) is not None and survivor_id not in {
        link.remote_id for link in links.values()
    }:
        staying.remote_id, staying.state, staying.generation = survivor_id, "linked", generation
    session.flush()
    of_objects = (connection_id, object_type, former)
    generations.record_unlinked(session, *of_objects, generation=generation, now=now)


def get(session: Session, object_type: ObjectType, loser_id: int) -> MergedRecord | None:
    """The merge in which a record went."""
    return session.get(MergedRecord, (object_type, loser_id), populate_existing=True)


def page(session: Session, *, after: str = "", limit: int = 50) -> Page[MergedRecord]:
    """A page of the merges that can be taken back, the latest first."""
    query = select(MergedRecord).where(MergedRecord.kept.is_not(None))
    place = place_of(after, tuple[Moment, Number])
    if place is not None:
        at, loser_id = place
        is_later = and_(MergedRecord.merged_at == at, MergedRecord.loser_id < loser_id)
        query = query.where((MergedRecord.merged_at < at) | is_later)
    order = (MergedRecord.merged_at.desc(), MergedRecord.loser_id.desc())
    rows = list(session.scalars(query.order_by(*order).limit(limit + 1)))
    following = cursor(rows[limit - 1].merged_at, rows[limit - 1].loser_id) if len(rows) > limit else ""
    return Page(rows[:limit], next=following, is_first=place is None)


def forget_old(session: Session, before: datetime) -> None:
    """Merges from before a moment cannot be taken back any more: nothing of the records is kept."""
    is_old = MergedRecord.kept.is_not(None), MergedRecord.merged_at < before
    _run(session, update(MergedRecord).where(*is_old).values(kept=None))


def take_apart(
    session: Session, row: MergedRecord, back: Sequence[Change], now: datetime, *, is_edit: bool = False
) -> list[int]:
    """Bring the merged record back, in the caller's transaction.

    Args:
        session: A writing transaction.
        row: The merge; it has to keep what this needs.
        back: `(field, present, old)` of what goes back in the record that stayed.
        now: The present time.
        is_edit: Whether what goes back counts as edited here; else neither side moves without a person.

    Returns:
        The contacts that belong to the record again.
    """
    kept: dict[str, Any] = row.kept or {}
    object_type: Any = row.object_type
    session.add(_as_record(object_type, row.loser_id, kept, now))
    session.flush()
    texts.queue_new(session, object_type, [row.loser_id])
    if object_type == "contacts":
        _give_addresses_back(session, row, kept)
    is_of_loser = Contact.company_id == row.winner_id, among(session, Contact.id, kept["contacts"])
    moved = list(session.scalars(select(Contact.id).where(*is_of_loser).order_by(Contact.id)))
    _run(session, update(Contact).where(*is_of_loser).values(company_id=row.loser_id))
    is_earlier = (
        MergedRecord.object_type == object_type,
        among(session, MergedRecord.loser_id, kept["earlier"]),
    )
    _run(session, update(MergedRecord).where(*is_earlier).values(winner_id=row.loser_id))
    relinked = _give_links_back(session, object_type, row, kept, now)
    if not is_edit:
        for link in relinked:
            link.local_seen = _apart(session, object_type, link, kept["values"])
        _set_bases_apart(session, object_type, [row.winner_id], {name: old for name, _, old in back})
        _set_bases_apart(session, "contacts", moved, {COMPANY: row.loser_id})
    session.delete(row)
    session.flush()
    return moved


def _as_record(object_type: ObjectType, record_id: int, kept: Mapping[str, Any], now: datetime) -> Record:
    return TABLES[object_type](
        id=record_id,
        uuid=kept["uuid"],
        is_active=kept["is_active"],
        version=1,
        created_at=datetime.fromisoformat(kept["created_at"]),
        updated_at=now,
        **columns_of(object_type, kept["values"]),
    )


def _give_addresses_back(session: Session, row: MergedRecord, kept: Mapping[str, Any]) -> None:
    table: Any = ContactAddress.__table__
    keys = kept["addresses"]
    insert_missing_rows(session, table, ("contact_id", "email_key"), [(row.loser_id, key) for key in keys])
    own = [key for key in further_emails(session, row.winner_id) if key not in kept["winner_addresses"]]
    is_gained = ContactAddress.contact_id == row.winner_id, among(session, ContactAddress.email_key, own)
    _run(session, delete(ContactAddress).where(*is_gained))


def _give_links_back(
    session: Session, object_type: ObjectType, row: MergedRecord, kept: Mapping[str, Any], now: datetime
) -> list[Link]:
    """The record's links as they were, unless their object belongs to another record by now.

    Returns:
        Those that the record that stayed had taken over: their bases are of that record.
    """
    relinked, is_linked = [], False
    for one in kept["links"]:
        query = select(Link).where(
            Link.connection_id == one["connection_id"],
            Link.object_type == object_type,
            Link.remote_id == one["remote_id"],
        )
        link = session.scalar(query)
        if one.get("is_merged_there") or (link is not None and link.record_id != row.winner_id):
            continue
        if link is None:
            times = {name: datetime.fromisoformat(one[name]) if one[name] else None for name in _TIMES}
            own = {**{name: one[name] for name in _OF_LINK}, **times}
            link = Link(object_type=object_type, record_id=row.loser_id, **own)
            session.add(link)
            _forget_tombstone(session, object_type, one)
            if object_type == "companies":
                waiting.company_linked(session, link.connection_id, [link.remote_id], now)
        else:
            mark_unlinked(session, object_type, [row.winner_id])
            relinked.append(link)
        link.record_id, is_linked = row.loser_id, True
    session.flush()
    if is_linked:
        mark_linked(session, object_type, [row.loser_id])
    return relinked


def _set_bases_apart(
    session: Session, object_type: ObjectType, record_ids: Sequence[int], back: Mapping[str, Any]
) -> None:
    """Set apart what differs of these values from the bases of the records' links."""
    is_concerned = in_every_connection(object_type), among(session, Link.record_id, record_ids)
    for link in session.scalars(select(Link).where(*is_concerned)) if back else ():
        new = {name: value for name, value in back.items() if link.local_seen.get(name) != value}
        if new:
            link.local_seen = _apart(session, object_type, link, new)
    session.flush()


def _apart(
    session: Session, object_type: ObjectType, link: Link, values: Mapping[str, Any]
) -> dict[str, Any]:
    mapping = mappings.load(session, link.connection_id, object_type)
    mapped = {name: value for name, value in values.items() if name in (*mapping.property_names, COMPANY)}
    base = Base(link.local_seen, link.remote_seen)
    return set_apart(base, mapped, {}, mapping.knowing_blanks).local_seen


def _forget_tombstone(session: Session, object_type: ObjectType, one: Mapping[str, Any]) -> None:
    _run(
        session,
        delete(RemoteObject).where(
            RemoteObject.connection_id == one["connection_id"],
            RemoteObject.object_type == object_type,
            RemoteObject.remote_id == one["remote_id"],
            RemoteObject.reason == "merged_here",
        ),
    )


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
