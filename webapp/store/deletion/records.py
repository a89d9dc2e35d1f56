"""Records that are to be deleted: read and locked with everything that depends on them, and removed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from webapp.domain.deletion.plan import DeletionPlan, Linked, Present
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.models import (
    AnnouncedAssociation,
    Connection,
    Contact,
    ContactAddress,
    CreationCheck,
    KeptApart,
    Link,
    Run,
)
from webapp.store.database.lists import among
from webapp.store.links import generations, questions, tombstones
from webapp.store.links.every_connection import in_every_connection
from webapp.store.links.in_log import kept_of
from webapp.store.links.tombstones import Tombstone
from webapp.store.push import announced_writes
from webapp.store.records import pairs_of_deleted
from webapp.store.records.merges import forget_records
from webapp.store.records.records import TABLES, Record, values_of
from webapp.store.runs.entry import LONGEST_NAME, Entry


class Records(Struct):
    """Records of one type, as they are now, with what hangs on them, by record.

    Attributes:
        connection_id: the connection in whose log the deletion stands.
        apart: the objects that people have decided they are not: connection and object.
        pairs: what is known of them as possible duplicates.
        contacts: how many contacts companies have.
        in_flight: those that a run is sending at this moment.
        going: the records that go, gathered to be deleted at once.
        stones: the tombstones of their objects.
    """

    session: Session
    connection_id: int
    object_type: ObjectType
    records: dict[int, Record]
    links: dict[int, list[Link]]
    addresses: dict[int, list[str]]
    apart: dict[int, list[tuple[int, str]]]
    pairs: dict[int, list[dict[str, Any]]]
    contacts: dict[int, int]
    in_flight: frozenset[int]
    going: list[int] = field(default_factory=list)
    stones: list[Tombstone] = field(default_factory=list)

    def present(self, record_id: int) -> Present:
        """A record as its deletion sees it."""
        record = self.records.get(record_id)
        return Present(
            values=values_of(self.object_type, record) if record is not None else None,
            links=tuple(
                Linked(link.connection_id, link.remote_id, link.state)
                for link in self.links.get(record_id, ())
            ),
            contacts=self.contacts.get(record_id, 0),
            is_being_sent=record_id in self.in_flight,
        )

    def name_of(self, record_id: int) -> str:
        """How the log calls a record."""
        record = self.records.get(record_id)
        return record_name(self.object_type, vars(record))[:LONGEST_NAME] if record is not None else ""

    def own_link(self, record_id: int) -> Link | None:
        """A record's link in the connection of the log."""
        own = (link for link in self.links.get(record_id, ()) if link.connection_id == self.connection_id)
        return next(own, None)

    def entry(self, record_id: int, plan: DeletionPlan) -> Entry:
        """The log entry of a record that stays, or that a preview shows."""
        own, name = self.own_link(record_id), self.name_of(record_id)
        remote_id = own.remote_id if own is not None else None
        changes = plan.changes or None
        return Entry(record_id, remote_id, name, plan.outcome, plan.reason, changes, plan.detail)


def gather(
    session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int], *, locks: bool = True
) -> Records:
    """Read records; they stay locked on PostgreSQL, in order of id, so that no push announces them meanwhile.

    Args:
        session: A transaction; a writing one where anything is deleted.
        connection_id: In whose log the deletion stands.
        object_type: Companies or contacts.
        ids: The records' numbers.
        locks: Whether they are to be deleted; a preview only looks.
    """
    numbers = sorted(set(ids))
    if locks:
        for number in _connections(session):
            # Before any record or link is locked, as in all that writes links.
            generations.raise_generation(session, number)
    table: Any = TABLES[object_type]
    query = select(table).where(among(session, table.id, numbers)).order_by(table.id)
    fresh = query.execution_options(populate_existing=True)
    found = session.scalars(fresh.with_for_update() if locks else fresh)
    return Records(
        session=session,
        connection_id=connection_id,
        object_type=object_type,
        records={record.id: record for record in found},
        links=_by_record(_rows_of(session, Link, object_type, numbers)),
        addresses=_addresses(session, numbers) if object_type == "contacts" else {},
        apart=_apart(session, object_type, numbers),
        pairs=pairs_of_deleted.to_keep(session, object_type, numbers),
        contacts=_contacts(session, numbers) if object_type == "companies" else {},
        in_flight=_in_flight(session, object_type, numbers),
    )


def _connections(session: Session) -> list[int]:
    return list(session.scalars(select(Connection.id).order_by(Connection.id)))


def _rows_of(session: Session, table: Any, object_type: ObjectType, ids: Sequence[int]) -> list[Any]:
    is_of_record = among(session, table.record_id, ids)
    query = select(table).where(in_every_connection(object_type, table), is_of_record)
    return list(session.scalars(query.order_by(table.connection_id)))


def _by_record(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.record_id, []).append(row)
    return found


def _addresses(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
        among(session, ContactAddress.contact_id, ids)
    )
    found: dict[int, list[str]] = {}
    for contact_id, email in session.execute(query.order_by(ContactAddress.email_key)):
        found.setdefault(contact_id, []).append(email)
    return found


def _apart(session: Session, object_type: ObjectType, ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    rows = _by_record(_rows_of(session, KeptApart, object_type, ids))
    return {number: [(one.connection_id, one.remote_id) for one in some] for number, some in rows.items()}


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, int]:
    query = select(Contact.company_id, func.count()).where(among(session, Contact.company_id, ids))
    counted = session.execute(query.group_by(Contact.company_id))
    return {number: count for number, count in counted if number is not None}


def _in_flight(session: Session, object_type: ObjectType, ids: Sequence[int]) -> frozenset[int]:
    """Records that a run is sending, or about to join with another object: that has to be written first."""
    sent: set[int] = set()
    for connection_id in _connections(session):
        sent |= announced_writes.in_flight(session, connection_id, object_type, ids).keys()
    joining = [one for one in _rows_of(session, CreationCheck, object_type, ids) if one.survivor_id]
    associated = (
        select(AnnouncedAssociation.record_id)
        .join(Run, Run.id == AnnouncedAssociation.run_id)
        .where(
            AnnouncedAssociation.object_type == object_type,
            among(session, AnnouncedAssociation.record_id, ids),
            Run.state == "running",
            Run.waiting_for.is_(None),
        )
    )
    return frozenset(sent | {one.record_id for one in joining} | set(session.scalars(associated)))


def take(found: Records, record_id: int, plan: DeletionPlan, run_id: int) -> Entry:
    """Let a record go; `write` deletes it. Its entry keeps what an undo needs."""
    record, links = found.records[record_id], found.links.get(record_id, [])
    own, name = found.own_link(record_id), found.name_of(record_id)
    buried = {(one.connection_id, one.remote_id) for one in plan.tombstones}
    found.going.append(record_id)
    found.stones += [
        _stone(record, link, name, plan.reason, run_id)
        for link in links
        if (link.connection_id, link.remote_id) in buried
    ]
    detail: dict[str, Any] = {"removed": _removed(found, record)}
    if own is not None:
        detail["unlinked"] = kept_of(own)
    if others := [link for link in links if link is not own]:
        detail["unlinked_elsewhere"] = [
            {"connection_id": link.connection_id, **kept_of(link)} for link in others
        ]
    return Entry(
        *(record_id, own.remote_id if own is not None else None, name, plan.outcome, plan.reason),
        *(plan.changes, detail),
    )


def _removed(found: Records, record: Record) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "uuid": record.uuid,
        "created_at": record.created_at.isoformat(),
        "is_active": record.is_active,
        "version": record.version,
    }
    if isinstance(record, Contact):
        kept["addresses"] = found.addresses.get(record.id, [])
    if apart := found.apart.get(record.id):
        kept["apart"] = [list(one) for one in apart]
    if pairs := found.pairs.get(record.id):
        kept["pairs"] = pairs
    return kept


def _stone(record: Record, link: Link, name: str, reason: str, run_id: int) -> Tombstone:
    return Tombstone(
        connection_id=link.connection_id,
        remote_id=link.remote_id,
        name=name or link.remote_id,
        reason=reason,
        record_id=record.id,
        remote_updated_at=link.remote_updated_at,
        email_key=record.email_key if isinstance(record, Contact) else None,
        domain_key=None if isinstance(record, Contact) else record.domain_key,
        run_id=run_id,
    )


def write(found: Records, now: datetime) -> None:
    """Delete the records that go, with their links and what waits for them; bury their objects."""
    if not found.going:
        return
    session, object_type = found.session, found.object_type
    links = [link for number in found.going for link in found.links.get(number, ())]
    for connection_id in sorted({link.connection_id for link in links}):
        remote_ids = [link.remote_id for link in links if link.connection_id == connection_id]
        generation = generations.raise_generation(session, connection_id)
        of_type = (connection_id, object_type)
        generations.record_unlinked(session, *of_type, remote_ids, generation=generation, now=now)
    _delete(session, Link, Link.id, [link.id for link in links])
    tombstones.write(session, object_type, found.stones, now)
    if object_type == "contacts":
        _delete(session, ContactAddress, ContactAddress.contact_id, found.going)
    # Once this is committed, open questions about them find that they are gone.
    questions.ask_again(session, object_type, found.going, now)
    forget_records(session, object_type, found.going)
    table = TABLES[object_type]
    _delete(session, table, table.id, found.going)
    for row in (*links, *(found.records[number] for number in found.going)):
        session.expunge(row)


def _delete(session: Session, table: Any, column: Any, values: Sequence[int]) -> None:
    statement = delete(table).where(among(session, column, values))
    session.execute(statement.execution_options(synchronize_session=False))
