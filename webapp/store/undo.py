"""What undoing reads of a run and of the records that it wrote, and how it writes them back."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain import outcomes
from webapp.domain.base import Base, set_apart
from webapp.domain.fields import ObjectType
from webapp.domain.mapping import Mapping
from webapp.domain.undo import UNDONE, LinkNow, Present, UndoPlan
from webapp.domain.values import Value
from webapp.models import (
    Company,
    Contact,
    ContactAddress,
    Link,
    LogEntry,
    PlannedRecord,
    RemoteObject,
    Run,
)
from webapp.store.bulk import insert_missing_rows, replace_rows
from webapp.store.lists import among
from webapp.store.merges import forget_record
from webapp.store.planned import PlannedRow, write_records
from webapp.store.records import TABLES, Record, columns_of, values_of

_REMOVED = "removed"
_LINK_TIMES = ("remote_updated_at", "linked_at", "pulled_at", "pushed_at")
_LINK_KEPT = ("remote_id", "state", "local_seen", "remote_seen", *_LINK_TIMES)


class Part(Struct, frozen=True):
    """Which entries of a run are to be undone: all, or those of one record."""

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
    have contacts, `knowing_blanks` the fields whose base keeps blanks as well.
    """

    session: Session
    connection_id: int
    object_type: ObjectType
    records: dict[int, Record]
    links: dict[int, Link]
    planned: dict[int, PlannedRecord]
    owning: set[int]
    knowing_blanks: frozenset[str]

    def present(self, record_id: int) -> Present:
        """A record as undoing sees it."""
        planned = self.planned.get(record_id)
        record, link = self.records.get(record_id), self.links.get(record_id)
        if planned is not None:
            is_here = planned.link_state != _REMOVED
            kept = LinkNow(link.remote_id, link.linked_at) if link and planned.remote_id else None
            return Present(planned.values if is_here else None, link=kept)
        if record is None:
            return Present(None)
        return Present(
            values_of(self.object_type, record),
            is_active=record.is_active,
            link=LinkNow(link.remote_id, link.linked_at) if link else None,
            has_others=record_id in self.owning,
        )


def gather(session: Session, run: Run, mapping: Mapping, record_ids: Sequence[int]) -> Records:
    """Read the records of these entries; on PostgreSQL they stay locked, in order of id."""
    object_type = mapping.object_type
    table: Any = TABLES[object_type]
    ids = sorted(set(record_ids))
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
    )


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


def missing_companies(session: Session, plans: Iterable[UndoPlan]) -> set[int]:
    """Companies to which contacts would go back, and which are not here any more."""
    wanted = {
        int(old)
        for plan in plans
        for name, _new, old in plan.changes
        if name == "company_id" and old is not None
    }
    found = set(session.scalars(select(Company.id).where(among(session, Company.id, sorted(wanted)))))
    return wanted - found


def apply(
    found: Records, record_id: int, plan: UndoPlan, told: dict[str, Any], now: datetime, *, is_edit: bool
) -> dict[str, Any]:
    """Write what was planned for one record; answers what its entry has to keep, so that it can be undone.

    With `is_edit` what is put back counts as edited here, so that it is sent to HubSpot.
    """
    kept: dict[str, Any] = {}
    link = found.links.get(record_id)
    if plan.verb == "revive":
        _revive(found, record_id, plan, told["removed"], now)
    elif plan.verb == "remove":
        kept["removed"] = _remove(found, record_id)
    elif plan.verb == "deactivate" and found.records[record_id].is_active:
        _touch(found.records[record_id], now, is_active=False)
        kept["deactivated"] = True
    elif plan.changes or plan.is_activated:
        _restore(found, record_id, plan, now, is_edit=is_edit)
    if plan.is_unlinked and link is not None:
        found.links.pop(record_id)
        kept["unlinked"] = unlink(found.session, link, now)
    if plan.is_relinked:
        back = relink(found.session, found.connection_id, found.object_type, record_id, told)
        kept["relinked"] = back is not None
        if back is not None:
            found.links[record_id] = back
    if plan.is_activated:
        kept["activated"] = True
    return kept


def foresee(found: Records, run: Run, record_id: int, plan: UndoPlan) -> None:
    """Keep what would become of one record, for the preview's later entries."""
    present = found.present(record_id)
    values = {**(present.values or {}), **{name: old for name, _new, old in plan.changes}}
    has_link = (present.link is not None and not plan.is_unlinked) or plan.is_relinked
    state = _REMOVED if plan.verb == "remove" else "here"
    link = found.links.get(record_id)
    remote_id = (link.remote_id if link else "new") if has_link else None
    row = PlannedRow(record_id, remote_id, state, values)
    write_records(found.session, run.id, found.object_type, [row])
    found.planned |= _planned(found.session, run, found.object_type, [record_id])


def _touch(record: Record, now: datetime, **values: Any) -> None:
    for name, value in values.items():
        setattr(record, name, value)
    record.version, record.updated_at = record.version + 1, now


def _restore(found: Records, record_id: int, plan: UndoPlan, now: datetime, *, is_edit: bool) -> None:
    """The fields go back, and the base with them, so that neither side moves by itself afterwards."""
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
    record = found.records.pop(record_id)
    kept: dict[str, Any] = {"uuid": record.uuid, "created_at": record.created_at.isoformat()}
    if isinstance(record, Contact):
        query = select(ContactAddress.email_key).where(ContactAddress.contact_id == record_id)
        kept["addresses"] = sorted(found.session.scalars(query))
        found.session.execute(delete(ContactAddress).where(ContactAddress.contact_id == record_id))
    forget_record(found.session, found.object_type, record_id)
    found.session.delete(record)
    found.session.flush()
    return kept


def _revive(found: Records, record_id: int, plan: UndoPlan, removed: dict[str, Any], now: datetime) -> None:
    """The record comes back under its own number, so that its log and whoever belonged to it lead to it."""
    values: dict[str, Value] = {name: value for name, _none, value in plan.changes}
    record = TABLES[found.object_type](
        id=record_id,
        uuid=removed["uuid"],
        is_active=True,
        version=1,
        created_at=datetime.fromisoformat(removed["created_at"]),
        updated_at=now,
        **columns_of(found.object_type, values),
    )
    found.session.add(record)
    found.session.flush()
    found.records[record_id] = record
    table: Any = ContactAddress.__table__
    rows = [(record_id, email) for email in removed.get("addresses", ())]
    insert_missing_rows(found.session, table, ("contact_id", "email_key"), rows)


def unlink(session: Session, link: Link, now: datetime, *, is_remembered: bool = True) -> dict[str, Any]:
    """Take a link away; answers what it was, for `relink`.

    Args:
        session: The caller's transaction.
        link: The link.
        now: The present time.
        is_remembered: Whether its object is noted, so that no automatic run brings it back.
    """
    kept = {name: getattr(link, name) for name in _LINK_KEPT}
    kept |= {name: kept[name].isoformat() if kept[name] else None for name in _LINK_TIMES}
    session.delete(link)
    session.flush()
    if not is_remembered:
        return kept
    table: Any = RemoteObject.__table__
    columns = ("connection_id", "object_type", "remote_id", "display_name", "properties", "state", "reason")
    row: tuple[Any, ...] = (
        link.connection_id,
        link.object_type,
        link.remote_id,
        link.remote_id,
        {},
        "ignored",
        UNDONE,
    )
    times = (link.remote_updated_at, now)
    replace_rows(session, table, (*columns, "remote_updated_at", "read_at"), columns[:3], [(*row, *times)])
    return kept


def relink(
    session: Session, connection_id: int, object_type: ObjectType, record_id: int, told: dict[str, Any]
) -> Link | None:
    """Bring back the link that an undo's entry tells of as `unlinked`; None where its object has another."""
    unlinked = told["unlinked"]
    remote_id = unlinked["remote_id"]
    is_taken = session.scalar(
        select(Link.id).where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            Link.remote_id == remote_id,
        )
    )
    if is_taken is not None:
        return None
    times = {name: datetime.fromisoformat(unlinked[name]) if unlinked[name] else None for name in _LINK_TIMES}
    link = Link(
        connection_id=connection_id,
        object_type=object_type,
        record_id=record_id,
        **{**{name: unlinked[name] for name in _LINK_KEPT}, **times},
    )
    session.add(link)
    session.flush()
    session.execute(
        delete(RemoteObject).where(
            RemoteObject.connection_id == connection_id,
            RemoteObject.object_type == object_type,
            RemoteObject.remote_id == remote_id,
            RemoteObject.reason == UNDONE,
        )
    )
    return link
