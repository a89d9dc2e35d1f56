"""Merging two records: what hangs on the one goes over to the other, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import (
    Contact,
    ContactAddress,
    CreationCheck,
    FailingRecord,
    HeldCandidate,
    HeldRecord,
    KeptApart,
    Link,
    LogEntry,
    MergedRecord,
    OutboxRecord,
    RecordEdit,
    RemoteObject,
)
from webapp.store.database.bulk import insert_missing_rows, replace_rows
from webapp.store.database.lists import among
from webapp.store.duplicates import pairs
from webapp.store.links import questions
from webapp.store.links.every_connection import in_every_connection
from webapp.store.links.linked_flags import mark_linked
from webapp.store.records.records import TABLES, Record

# Not what was announced to HubSpot: it may have taken effect, and then belongs in the log of its run.
_ONE_A_RECORD = (CreationCheck, FailingRecord, HeldCandidate, HeldRecord, OutboxRecord, KeptApart)


def hold(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """Let nobody else change these records or their links until the commit, on PostgreSQL.

    Links come first, each in order of id, as a pull locks them.
    """
    table: Any = TABLES[object_type]
    of_records = in_every_connection(object_type), Link.record_id.in_(record_ids)
    for query in (
        select(Link.id).where(*of_records).order_by(Link.id),
        select(table.id).where(table.id.in_(record_ids)).order_by(table.id),
    ):
        session.execute(query.with_for_update()).all()


def links_of(session: Session, object_type: ObjectType, record_id: int) -> list[Link]:
    """A record's links, at most one for each connection."""
    query = select(Link).where(in_every_connection(object_type), Link.record_id == record_id)
    return list(session.scalars(query.order_by(Link.connection_id)))


def count_contacts(session: Session, company_id: int) -> int:
    """How many contacts a company has."""
    return session.scalar(select(func.count()).where(Contact.company_id == company_id)) or 0


def contacts_of(session: Session, company_id: int) -> list[int]:
    """The contacts of a company, by number."""
    query = select(Contact.id).where(Contact.company_id == company_id).order_by(Contact.id)
    return list(session.scalars(query))


def winner_of(session: Session, object_type: ObjectType, record_id: int) -> int | None:
    """The record that a merged one lives on as; None for one that was not merged."""
    query = select(MergedRecord.winner_id)
    of_loser = MergedRecord.object_type == object_type, MergedRecord.loser_id == record_id
    return session.scalar(query.where(*of_loser))


def winners_of(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> dict[int, int]:
    """The records among these that were merged, each with the record into which it was merged."""
    of_losers = among(session, MergedRecord.loser_id, record_ids)
    query = select(MergedRecord.loser_id, MergedRecord.winner_id)
    found = session.execute(query.where(MergedRecord.object_type == object_type, of_losers))
    return {row.loser_id: row.winner_id for row in found}


def move(
    session: Session,
    object_type: ObjectType,
    winner: Record,
    loser: Record,
    *,
    user_id: int | None,
    now: datetime,
    kept: dict[str, Any] | None = None,
) -> None:
    """Let the loser live on as the winner: contacts, addresses, links, log and edits go over to it.

    Args:
        session: A writing transaction.
        object_type: Companies or contacts.
        winner: The record that stays.
        loser: The record that goes.
        user_id: Who merges.
        now: The present time.
        kept: What taking the two apart again needs.
    """
    if object_type == "companies":
        _run(session, update(Contact).where(Contact.company_id == loser.id).values(company_id=winner.id))
    elif isinstance(winner, Contact) and isinstance(loser, Contact):
        _move_addresses(session, winner, loser)
    _move_links(session, object_type, winner.id, loser.id, now)
    for table in (LogEntry, RecordEdit):
        own = table.object_type == object_type, table.record_id == loser.id
        _run(session, update(table).where(*own).values(record_id=winner.id))
    questions.ask_again(session, object_type, [winner.id, loser.id], now)
    forget_record(session, object_type, loser.id)
    earlier = MergedRecord.object_type == object_type, MergedRecord.winner_id == loser.id
    _run(session, update(MergedRecord).where(*earlier).values(winner_id=winner.id))
    session.add(
        MergedRecord(
            object_type=object_type,
            loser_id=loser.id,
            winner_id=winner.id,
            merged_at=now,
            merged_by_id=user_id,
            kept=kept,
        )
    )
    _run(session, delete(TABLES[object_type]).where(TABLES[object_type].id == loser.id))


def set_addresses(session: Session, contact_id: int, email: str | None, further: Iterable[str]) -> None:
    """Let a contact be found by these addresses beside its own."""
    keys = sorted({*further} - {email})
    table: Any = ContactAddress.__table__
    insert_missing_rows(session, table, ("contact_id", "email_key"), [(contact_id, key) for key in keys])
    if email:
        own = ContactAddress.contact_id == contact_id, ContactAddress.email_key == email
        _run(session, delete(ContactAddress).where(*own))


def forget_record(session: Session, object_type: ObjectType, record_id: int) -> None:
    """Forget what waits, is held or was decided about a record that no longer exists."""
    forget_records(session, object_type, [record_id])


def forget_records(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> None:
    """Forget what waits, is held or was decided about records that no longer exist.

    Announcements of pushes stay: whoever meets the object in HubSpot completes the log of the push.
    """
    for table in _ONE_A_RECORD:
        is_of_record = among(session, table.record_id, record_ids)
        _run(session, delete(table).where(in_every_connection(object_type, table), is_of_record))
    pairs.forget_records(session, object_type, record_ids)


def _move_addresses(session: Session, winner: Contact, loser: Contact) -> None:
    """By all the addresses of both the winner is found from now on."""
    own = select(ContactAddress.email_key).where(ContactAddress.contact_id == loser.id)
    addresses = {*session.scalars(own), loser.email_key} - {None, winner.email_key}
    table: Any = ContactAddress.__table__
    rows = [(winner.id, one) for one in sorted(str(address) for address in addresses)]
    insert_missing_rows(session, table, ("contact_id", "email_key"), rows)
    _run(session, delete(ContactAddress).where(ContactAddress.contact_id == loser.id))


def _move_links(
    session: Session, object_type: ObjectType, winner_id: int, loser_id: int, now: datetime
) -> None:
    """The winner's link stays; without one it takes over the loser's. An object left over is an alias."""
    own = {link.connection_id: link for link in links_of(session, object_type, winner_id)}
    for link in links_of(session, object_type, loser_id):
        if link.connection_id not in own:
            link.record_id = winner_id
            mark_linked(session, object_type, [winner_id])
            _move_check(session, link, loser_id)
            continue
        if link.state != "held":
            _ignore(session, link, now)
        session.delete(link)
    session.flush()


def _move_check(session: Session, link: Link, loser_id: int) -> None:
    """The object that was made for the loser is the winner's, and is still looked at."""
    of_type = CreationCheck.connection_id == link.connection_id, CreationCheck.object_type == link.object_type
    own = select(CreationCheck.id).where(*of_type, CreationCheck.record_id == link.record_id)
    if session.scalar(own) is None:
        of_loser = update(CreationCheck).where(*of_type, CreationCheck.record_id == loser_id)
        _run(session, of_loser.values(record_id=link.record_id))


def is_being_joined(session: Session, object_type: ObjectType, record_id: int) -> bool:
    """Whether another object is taking the place of the record's at this moment."""
    query = select(CreationCheck.id).where(
        CreationCheck.object_type == object_type,
        CreationCheck.record_id == record_id,
        CreationCheck.survivor_id.is_not(None),
    )
    return session.scalars(query.limit(1)).first() is not None


def _ignore(session: Session, link: Link, now: datetime) -> None:
    """The loser's own object must not come back as a new record with the next pull."""
    table: Any = RemoteObject.__table__
    columns = (
        *("connection_id", "object_type", "remote_id", "display_name", "properties", "state", "reason"),
        *("detail", "read_at"),
    )
    row: tuple[Any, ...] = (
        link.connection_id,
        link.object_type,
        link.remote_id,
        link.remote_id,
        {},
        "ignored",
        "merged_here",
        # Contacts of a company are those of the record that stays, which may be merged once more.
        {"record_id": link.record_id} if link.object_type == "companies" else None,
        now,
    )
    replace_rows(session, table, columns, columns[:3], [row])


def _run(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
