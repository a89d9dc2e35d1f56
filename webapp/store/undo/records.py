"""Reads for an undo here: the present records of its entries, with their links."""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import ObjectType
from webapp.domain.undo.local import LinkNow, RecordNow
from webapp.models import Company, Contact, ContactAddress, Link, LogEntry, PlannedRecord, Run
from webapp.store.database.lists import among
from webapp.store.preview.overlay import PlannedRow
from webapp.store.records.records import TABLES, Record, values_of
from webapp.store.undo.links import LinkChanges

REMOVED = "removed"
"""The state in which a preview keeps a record that would be gone by then."""


class Records(Struct):
    """The records of a page of entries with their links, as they are now; of one object type.

    In a preview what it has planned already stands in `planned`, by record. `owning` are the companies that
    have contacts, `knowing_blanks` the fields whose base keeps blanks as well, `addresses` the contacts'
    further ones, `missing_companies` those to which contacts would go back. What is written at once is
    gathered in `changes`, `removed`, `foreseen` and `revived` and `dropped` (further addresses that come back
    and that go), `apart` (objects that a record which comes back is not), `pairs` (what it may be a duplicate
    of) and `elsewhere` (links of other connections that come back).
    """

    session: Session
    connection_id: int
    object_type: ObjectType
    records: dict[int, Record]
    links: dict[int, Link]
    planned: dict[int, PlannedRecord]
    owning: set[int]
    knowing_blanks: frozenset[str]
    addresses: dict[int, list[str]]
    missing_companies: set[int]
    changes: LinkChanges
    removed: list[int] = field(default_factory=list)
    revived: list[tuple[int, str]] = field(default_factory=list)
    dropped: list[tuple[int, str]] = field(default_factory=list)
    apart: list[tuple[int, int, str]] = field(default_factory=list)
    pairs: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    elsewhere: dict[int, LinkChanges] = field(default_factory=dict)
    foreseen: list[PlannedRow] = field(default_factory=list)

    def present(self, record_id: int) -> RecordNow:
        """A record as undoing sees it."""
        planned = self.planned.get(record_id)
        record, link = self.records.get(record_id), self.links.get(record_id)
        if planned is not None:
            is_here = planned.link_state != REMOVED
            kept = LinkNow(link.remote_id, link.linked_at) if link and planned.remote_id else None
            addresses = self.addresses.get(record_id, ())
            return RecordNow(planned.values if is_here else None, link=kept, addresses=addresses)
        if record is None:
            return RecordNow(None)
        return RecordNow(
            values_of(self.object_type, record),
            is_active=record.is_active,
            link=LinkNow(link.remote_id, link.linked_at, link.state) if link else None,
            has_others=record_id in self.owning,
            addresses=self.addresses.get(record_id, ()),
        )


def gather(session: Session, run: Run, mapping: Mapping, entries: Sequence[LogEntry]) -> Records:
    """Read the records of these entries; on PostgreSQL they stay locked, in order of id."""
    object_type = mapping.object_type
    table: Any = TABLES[object_type]
    ids = sorted({entry.record_id for entry in entries if entry.record_id is not None})
    found = session.scalars(
        select(table).where(among(session, table.id, ids)).order_by(table.id).with_for_update()
    )
    links = session.scalars(
        select(Link).where(
            Link.connection_id == run.connection_id,
            Link.object_type == object_type,
            among(session, Link.record_id, ids),
        )
    )
    return Records(
        session=session,
        connection_id=run.connection_id,
        object_type=object_type,
        records={record.id: record for record in found},
        links={link.record_id: link for link in links},
        planned=_planned(session, run, object_type, ids) if run.is_preview else {},
        owning=_owning(session, run, ids) if object_type == "companies" else set(),
        knowing_blanks=frozenset(mapping.knowing_blanks),
        addresses=_addresses(session, ids) if object_type == "contacts" else {},
        missing_companies=_missing_companies(session, run, entries),
        changes=LinkChanges(session, run.connection_id, object_type),
    )


def _addresses(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
        among(session, ContactAddress.contact_id, ids)
    )
    found: dict[int, list[str]] = {}
    for contact_id, email in session.execute(query.order_by(ContactAddress.email_key)):
        found.setdefault(contact_id, []).append(email)
    return found


def _planned(
    session: Session, run: Run, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, PlannedRecord]:
    query = select(PlannedRecord).where(
        PlannedRecord.run_id == run.id,
        PlannedRecord.object_type == object_type,
        among(session, PlannedRecord.record_id, ids),
    )
    return {row.record_id: row for row in session.scalars(query)}


def _owning(session: Session, run: Run, ids: Sequence[int]) -> set[int]:
    """The companies that have contacts, less those that the preview would have removed by now."""
    is_removed = and_(
        PlannedRecord.run_id == run.id,
        PlannedRecord.object_type == "contacts",
        PlannedRecord.record_id == Contact.id,
    )
    query = (
        select(Contact.company_id)
        .outerjoin(PlannedRecord, is_removed)
        .where(
            among(session, Contact.company_id, ids),
            or_(PlannedRecord.record_id.is_(None), PlannedRecord.link_state != REMOVED),
        )
        .distinct()
    )
    return {number for number in session.scalars(query) if number is not None}


def _missing_companies(session: Session, run: Run, entries: Iterable[LogEntry]) -> set[int]:
    """Companies to which contacts would go back, and which are not here, nor would be by now in a preview."""
    company_ids = {
        int(old)
        for entry in entries
        for name, old, _new in entry.changes or ()
        if name == "company_id" and old is not None
    }
    if not company_ids:
        return set()
    found = set(session.scalars(select(Company.id).where(among(session, Company.id, sorted(company_ids)))))
    back = select(PlannedRecord.record_id).where(
        PlannedRecord.run_id == run.id,
        PlannedRecord.object_type == "companies",
        PlannedRecord.link_state != REMOVED,
        among(session, PlannedRecord.record_id, sorted(company_ids - found)),
    )
    return company_ids - found - set(session.scalars(back))
