"""Finds one person: every record and object that is theirs, and their addresses."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.links.facts import ERASED_NAME
from webapp.domain.privacy.person import Identity, Person
from webapp.models import (
    Contact,
    ContactAddress,
    Link,
    LogEntry,
    MergedRecord,
    PrivacyDeletion,
    RecordEdit,
    RemoteObject,
    Run,
)
from webapp.store.database.lists import among
from webapp.store.records import merges


def find(session: Session, identity: Identity) -> Person:
    """The person who has this address, or is or was this contact.

    By an address whole tables are read, since a deleted person is only in the log.
    """
    if identity.address is None:
        number = identity.record_id or 0
        number = merges.winner_of(session, "contacts", number) or number
        return complete(session, Person(record_ids=(number,))) if _is_anybody(session, number) else Person()
    address = identity.address
    here = {
        *session.scalars(select(Contact.id).where(Contact.email_key == address)),
        *session.scalars(select(ContactAddress.contact_id).where(ContactAddress.email_key == address)),
    }
    found = Person(
        record_ids=(*here, *_gone(session, address)),
        objects=tuple(_seen_with(session, [address])),
        addresses=(address,),
    )
    return complete(session, found) if found.is_known else found


def complete(session: Session, person: Person) -> Person:
    """The same person, with the records and objects that links, merges and addresses add."""
    records = _with_merged(session, person.record_ids)
    objects = {*person.objects, *_objects_of(session, records)}
    addresses = {*person.addresses, *_addresses_of(session, records, objects)}
    own = sorted(_unshared(session, addresses, records))
    return Person(
        record_ids=tuple(sorted(records)),
        objects=tuple(sorted({*objects, *_seen_with(session, own)})),
        addresses=tuple(own),
    )


def holds(column: Any, addresses: Iterable[str]) -> ColumnElement[bool]:
    """Whether a column, as text, holds one of the addresses anywhere."""
    text = func.lower(cast(column, Text))
    return or_(false(), *(text.contains(address, autoescape=True) for address in addresses))


def _is_anybody(session: Session, record_id: int) -> bool:
    """Whether a contact of this number is here, or was according to the log."""
    logged = select(LogEntry.record_id).where(
        LogEntry.object_type == "contacts", LogEntry.record_id == record_id, LogEntry.name != ERASED_NAME
    )
    edited = select(RecordEdit.id).where(
        RecordEdit.object_type == "contacts", RecordEdit.record_id == record_id
    )
    return session.get(Contact, record_id) is not None or any(
        session.scalars(query.limit(1)).first() is not None for query in (logged, edited)
    )


def _gone(session: Session, address: str) -> set[int]:
    """Deleted contacts that the log or the history shows with this address.

    One who is here and had the address once, perhaps by mistake, is somebody else.
    """
    named: set[int | None] = set()
    for table in (LogEntry, RecordEdit):
        is_named = table.object_type == "contacts", holds(table.changes, [address])
        named.update(session.scalars(select(table.record_id).where(*is_named).distinct()))
    numbers = sorted(number for number in named if number is not None)
    return {*numbers} - {*session.scalars(select(Contact.id).where(among(session, Contact.id, numbers)))}


def _with_merged(session: Session, record_ids: Iterable[int]) -> set[int]:
    """These records and those that were merged into them, each number once."""
    found, last = {*record_ids}, set[int]()
    while found != last:
        last = set(found)
        query = select(MergedRecord.loser_id).where(
            MergedRecord.object_type == "contacts", among(session, MergedRecord.winner_id, sorted(found))
        )
        found |= {*session.scalars(query)}
    return found


def _objects_of(session: Session, records: set[int]) -> set[tuple[int, str]]:
    """The objects that the records are linked to, or were linked to according to the log."""
    numbers = sorted(records)
    links = select(Link.connection_id, Link.remote_id).where(
        Link.object_type == "contacts", among(session, Link.record_id, numbers)
    )
    logged = (
        select(Run.connection_id, LogEntry.remote_id)
        .join(Run, Run.id == LogEntry.run_id)
        .where(
            LogEntry.object_type == "contacts",
            among(session, LogEntry.record_id, numbers),
            LogEntry.remote_id.is_not(None),
            ~LogEntry.is_association,
        )
        .distinct()
    )
    deletions = select(PrivacyDeletion.connection_id, PrivacyDeletion.remote_id).where(
        PrivacyDeletion.object_type == "contacts", among(session, PrivacyDeletion.record_id, numbers)
    )
    rows = (row for query in (links, logged, deletions) for row in session.execute(query))
    own = {(number, str(one)) for number, one in rows}
    return own - _of_others(session, own, records)


def _seen_with(session: Session, addresses: list[str]) -> list[tuple[int, str]]:
    """The unlinked objects that have one of these addresses."""
    query = select(RemoteObject.connection_id, RemoteObject.remote_id).where(
        RemoteObject.object_type == "contacts", among(session, RemoteObject.email_key, addresses)
    )
    return [(number, one) for number, one in session.execute(query)]


def _of_others(session: Session, objects: set[tuple[int, str]], records: set[int]) -> set[tuple[int, str]]:
    """Objects that are linked to somebody else now, as after a wrong link was corrected."""
    query = select(Link.connection_id, Link.remote_id, Link.record_id).where(
        Link.object_type == "contacts", among(session, Link.remote_id, sorted({one for _, one in objects}))
    )
    return {(number, one) for number, one, record in session.execute(query) if record not in records}


def _addresses_of(session: Session, records: set[int], objects: set[tuple[int, str]]) -> set[str]:
    numbers = sorted(records)
    own = select(Contact.email_key).where(among(session, Contact.id, numbers))
    further = select(ContactAddress.email_key).where(among(session, ContactAddress.contact_id, numbers))
    seen = select(RemoteObject.connection_id, RemoteObject.remote_id, RemoteObject.email_key).where(
        RemoteObject.object_type == "contacts",
        among(session, RemoteObject.remote_id, sorted({one for _, one in objects})),
    )
    there = {email for number, one, email in session.execute(seen) if (number, one) in objects}
    return {one for one in {*session.scalars(own), *session.scalars(further), *there} if one}


def _unshared(session: Session, addresses: set[str], records: set[int]) -> set[str]:
    """Without those that another contact has as well: they name nobody."""
    listed = sorted(addresses)
    shared = [
        (Contact.id, Contact.email_key),
        (ContactAddress.contact_id, ContactAddress.email_key),
    ]
    for number, email in shared:
        query = select(number, email).where(among(session, email, listed))
        addresses = addresses - {found for owner, found in session.execute(query) if owner not in records}
    return addresses
