"""What undoing reads of a run and of the records that it wrote, and how it writes them back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import and_, bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.links.base import Base, set_apart
from webapp.domain.links.facts import DELETED_HERE, REVERTED
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.domain.runs import outcomes
from webapp.domain.undo.local import LinkNow, Present, UndoPlan
from webapp.models import (
    Company,
    Contact,
    ContactAddress,
    KeptApart,
    Link,
    LogEntry,
    PlannedRecord,
    Run,
)
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.links import questions
from webapp.store.preview.overlay import PlannedRow, write_records
from webapp.store.records.merges import forget_records
from webapp.store.records.records import TABLES, Record, columns_of, values_of
from webapp.store.undo.links import LinkChanges, switch_back

_REMOVED = "removed"


class Part(Struct, frozen=True):
    """Which entries of a run are to be reverted: all, or those of one record."""

    run_id: int
    object_type: ObjectType | None = None
    record_id: int | None = None


def count(session: Session, part: Part) -> int:
    """How many entries there are to undo."""
    return session.scalar(_entries(part).with_only_columns(func.count()).order_by(None)) or 0


def page(session: Session, part: Part, *, before_seq: int | None, limit: int) -> list[LogEntry]:
    """The next entries to undo: the last one first."""
    query = _entries(part)
    if before_seq is not None:
        query = query.where(LogEntry.seq < before_seq)
    return list(session.scalars(query.limit(limit)))


def _entries(part: Part) -> Any:
    query = (
        select(LogEntry)
        .where(
            LogEntry.run_id == part.run_id,
            LogEntry.outcome.in_((outcomes.CREATED, outcomes.UPDATED)),
            LogEntry.record_id.is_not(None),
        )
        .order_by(LogEntry.seq.desc())
    )
    if part.record_id is not None:
        query = query.where(LogEntry.object_type == part.object_type, LogEntry.record_id == part.record_id)
    return query


class Records(Struct):
    """The records of a page of entries with their links, as they are now; of one object type.

    In a preview what it has planned already stands in `planned`, by record. `owning` are the companies that
    have contacts, `knowing_blanks` the fields whose base keeps blanks as well, `addresses` the contacts'
    further ones, `missing_companies` those to which contacts would go back. What is written at once is
    gathered in `changes`, `removed`, `foreseen` and `revived` and `dropped` (further addresses that come back
    and that go), `apart` (objects that a record which comes back is not) and `elsewhere` (links of other
    connections that come back).
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
    elsewhere: dict[int, LinkChanges] = field(default_factory=dict)
    foreseen: list[PlannedRow] = field(default_factory=list)

    def present(self, record_id: int) -> Present:
        """A record as undoing sees it."""
        planned = self.planned.get(record_id)
        record, link = self.records.get(record_id), self.links.get(record_id)
        if planned is not None:
            is_here = planned.link_state != _REMOVED
            kept = LinkNow(link.remote_id, link.linked_at) if link and planned.remote_id else None
            addresses = self.addresses.get(record_id, ())
            return Present(planned.values if is_here else None, link=kept, addresses=addresses)
        if record is None:
            return Present(None)
        return Present(
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
            or_(PlannedRecord.record_id.is_(None), PlannedRecord.link_state != _REMOVED),
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
        PlannedRecord.link_state != _REMOVED,
        among(session, PlannedRecord.record_id, sorted(company_ids - found)),
    )
    return company_ids - found - set(session.scalars(back))


def apply(found: Records, entry: LogEntry, plan: UndoPlan, now: datetime, *, is_edit: bool) -> dict[str, Any]:
    """Do what was planned for one record; `write` writes it.

    Args:
        found: The stretch that the record is in.
        entry: What is reverted.
        plan: What was planned.
        now: The present time.
        is_edit: Whether what is put back counts as edited here, so that it is sent to HubSpot.

    Returns:
        What the undo's entry has to keep to be reverted in turn, complete once it is written.
    """
    record_id, entry_detail = entry.record_id or 0, entry.detail or {}
    kept: dict[str, Any] = {}
    link = found.links.get(record_id)
    if plan.is_unlinked and link is not None:
        # As it was before anything is put back: so it comes back if the undo is reverted.
        reason = DELETED_HERE if "of_deletion" in entry_detail else REVERTED
        kept["unlinked"] = found.changes.take_away(found.links.pop(record_id), entry.name, reason=reason)
    if plan.verb == "revive":
        _revive(found, record_id, plan, entry_detail["removed"], now)
        _relink_elsewhere(found, record_id, entry_detail)
        kept |= {"of_deletion": True} if entry.reason == DELETED_HERE else {}
    elif plan.verb == "remove":
        kept["removed"] = _remove(found, record_id)
    elif plan.verb == "deactivate" and found.records[record_id].is_active:
        _touch(found.records[record_id], now, is_active=False)
        kept["deactivated"] = True
    elif plan.changes or plan.is_activated:
        _restore(found, record_id, plan, now, is_edit=is_edit)
    if plan.is_relinked:
        found.changes.bring_back(record_id, entry_detail, kept)
    kept |= switch_back(link, plan)
    if plan.is_activated:
        kept["activated"] = True
    if plan.dropped:
        found.dropped += [(record_id, email) for email in plan.dropped]
        kept["dropped"] = plan.dropped
    if plan.regained:
        found.revived += [(record_id, email) for email in plan.regained]
        kept["addresses"] = plan.regained
    return kept


def foresee(found: Records, record_id: int, plan: UndoPlan) -> None:
    """Keep what would become of one record, for the preview's later entries."""
    present = found.present(record_id)
    values = {**(present.values or {}), **{name: old for name, _new, old in plan.changes}}
    has_link = (present.link is not None and not plan.is_unlinked) or plan.is_relinked
    state = _REMOVED if plan.verb == "remove" else "here"
    link = found.links.get(record_id)
    remote_id = (link.remote_id if link else "new") if has_link else None
    found.foreseen.append(PlannedRow(record_id, remote_id, state, values))


def write(found: Records, run: Run, now: datetime) -> None:
    """Write what was done with a stretch of entries, or foreseen."""
    session = found.session
    if run.is_preview:
        write_records(session, run.id, found.object_type, found.foreseen)
        return
    session.flush()
    table: Any = ContactAddress.__table__
    insert_missing_rows(session, table, ("contact_id", "email_key"), found.revived)
    if found.dropped:
        is_one = (table.c.contact_id == bindparam("whose"), table.c.email_key == bindparam("which"))
        dropped = [{"whose": contact_id, "which": email} for contact_id, email in found.dropped]
        session.execute(delete(table).where(*is_one), dropped)
    if found.removed:
        records: Any = TABLES[found.object_type]
        for column in (
            *([ContactAddress.contact_id] if found.object_type == "contacts" else []),
            records.id,
        ):
            statement = delete(column.class_).where(among(session, column, found.removed))
            session.execute(statement.execution_options(synchronize_session=False))
        questions.ask_again(session, found.object_type, found.removed, now)
        forget_records(session, found.object_type, found.removed)
    apart: Any = KeptApart.__table__
    columns = ("connection_id", "object_type", "record_id", "remote_id", "decided_at")
    rows = [(connection, found.object_type, number, other, now) for connection, number, other in found.apart]
    insert_missing_rows(session, apart, columns, rows)
    for changes in (found.changes, *found.elsewhere.values()):
        changes.write(now)


def _touch(record: Record, now: datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(record, name, value)
    record.version, record.updated_at = record.version + 1, now


def _restore(found: Records, record_id: int, plan: UndoPlan, now: datetime, *, is_edit: bool) -> None:
    """The fields go back, and the base with them, so that no automatic run moves either side afterwards."""
    record = found.records[record_id]
    back = {name: old for name, _new, old in plan.changes}
    values = {**values_of(found.object_type, record), **back}
    active = {"is_active": True} if plan.is_activated else {}
    _touch(record, now, **columns_of(found.object_type, values), **active)
    link = found.links.get(record_id)
    if link is not None and not is_edit:
        base = Base(link.local_seen, link.remote_seen)
        link.local_seen = set_apart(base, back, {}, found.knowing_blanks).local_seen
    if link is not None:
        link.last_outcome, link.last_reason = outcomes.UPDATED, None


def _remove(found: Records, record_id: int) -> dict[str, Any]:
    record = found.records[record_id]
    kept: dict[str, Any] = {"uuid": record.uuid, "created_at": record.created_at.isoformat()}
    if isinstance(record, Contact):
        kept["addresses"] = found.addresses.get(record_id, [])
    found.removed.append(record_id)
    found.session.expunge(record)
    return kept


def _revive(found: Records, record_id: int, plan: UndoPlan, removed: dict[str, Any], now: datetime) -> None:
    """The record comes back under its own number, so that its log and whoever belonged to it lead to it."""
    values: dict[str, Value] = {name: value for name, _none, value in plan.changes}
    record = TABLES[found.object_type](
        id=record_id,
        uuid=removed["uuid"],
        is_active=removed.get("is_active", True),
        version=removed.get("version", 0) + 1,
        created_at=datetime.fromisoformat(removed["created_at"]),
        updated_at=now,
        **columns_of(found.object_type, values),
    )
    found.session.add(record)
    found.revived += [(record_id, email) for email in removed.get("addresses", ())]
    found.apart += [(connection, record_id, other) for connection, other in removed.get("apart", ())]


def _relink_elsewhere(found: Records, record_id: int, entry_detail: dict[str, Any]) -> None:
    """Links of other portals come back as well; no entry tells of them, since the run is of one portal."""
    for kept in entry_detail.get("unlinked_elsewhere", ()):
        number = kept["connection_id"]
        changes = found.elsewhere.setdefault(number, LinkChanges(found.session, number, found.object_type))
        changes.bring_back(record_id, {"unlinked": kept}, {})
