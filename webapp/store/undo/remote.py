"""Reads and writes of an undo in HubSpot: records and links before its calls, results after the answers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from webapp.domain.links.base import Base, set_apart, with_company
from webapp.domain.links.facts import REVERTED
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.associations import PRIMARY, Announced
from webapp.domain.push.outgoing import SentChange
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.domain.undo.local import LinkNow
from webapp.domain.undo.remote import ObjectNow, RemoteUndoPlan, Sent, is_about_company
from webapp.errors import OutdatedReadError
from webapp.models import (
    AnnouncedAssociation,
    AnnouncedUpdate,
    Link,
    LogEntry,
    PlannedRecord,
    RemoteObject,
    Run,
)
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among
from webapp.store.duplicates import held_apart
from webapp.store.links import generations
from webapp.store.preview.overlay import PlannedRow, write_records
from webapp.store.push import announced_associations, announced_writes
from webapp.store.push.announced_associations import COUNTED_AS
from webapp.store.records.records import TABLES, Record, rows_about, values_of
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import Entry
from webapp.store.undo.links import LinkChanges

_ARCHIVED = "archived"
_PLAIN = "associate_plainly"
"""What stands in the checkpoint alone."""


class Reverted(Struct):
    """One entry on its way through an undo: what was planned, and what HubSpot answered."""

    entry: LogEntry
    plan: RemoteUndoPlan
    now: ObjectNow
    answer: dict[str, str | None] | None = None
    updated_at: datetime | None = None


def sent_of(entry: LogEntry) -> Sent:
    """The entry of a run, as its undo is decided from it."""
    changes = [(name, old, new) for name, old, new in entry.changes or ()]
    return Sent(
        entry.at, str(entry.remote_id), entry.outcome, changes, entry.detail or {}, reason=entry.reason
    )


class Known(Struct):
    """The records of a stretch of entries, with their links and with what a preview has planned."""

    session: Session
    run_id: int
    connection_id: int
    mapping: Mapping
    records: dict[int, Record]
    links: dict[int, Link]
    announced: dict[int, AnnouncedUpdate]
    announced_companies: dict[int, AnnouncedAssociation]
    planned: dict[int, PlannedRecord]
    in_flight: Collection[int]

    def present(self, record_id: int) -> ObjectNow:
        """The part of an object's present state that is stored here."""
        record, link = self.records.get(record_id), self.links.get(record_id)
        return ObjectNow(
            values=values_of(self.mapping.object_type, record) if record is not None else None,
            link=LinkNow(link.remote_id, link.linked_at) if link is not None else None,
            base=Base(link.local_seen, link.remote_seen) if link is not None else None,
            unlogged=self._unlogged(record_id),
            is_being_written=record_id in self.in_flight,
        )

    def _unlogged(self, record_id: int) -> list[SentChange]:
        """The changes of a record that this undo sent, or was about to send, before it was cut off."""
        announced, company = self.announced.get(record_id), self.announced_companies.get(record_id)
        changes: list[SentChange] = (
            [(name, old, new) for name, old, new in announced.changes]
            if announced is not None and announced.run_id == self.run_id
            else []
        )
        if company is not None and company.run_id == self.run_id:
            changes.append((PRIMARY, company.prior_remote_id, company.company_remote_id or ""))
        return changes

    def lay_over(self, record_id: int, now: ObjectNow) -> None:
        """Let a preview's later entries see what its earlier ones would have done."""
        planned = self.planned.get(record_id)
        if planned is None:
            return
        if planned.link_state == _ARCHIVED:
            now.absence = "gone_in_hubspot"
        if planned.remote_id is None:
            now.link = None
        texts: dict[str, Any] = dict(planned.values)
        if PRIMARY in texts:
            now.primary = texts.pop(PRIMARY) or None
        names = self.mapping.property_names
        now.properties |= {names[name]: text for name, text in texts.items()}


def gather(
    session: Session, run_id: int, connection_id: int, mapping: Mapping, record_ids: Sequence[int]
) -> Known:
    """Read the records of a stretch of entries."""
    object_type = mapping.object_type
    table: Any = TABLES[object_type]
    ids = sorted(set(record_ids))
    found = session.scalars(select(table).where(among(session, table.id, ids)))
    planned = select(PlannedRecord).where(
        PlannedRecord.run_id == run_id,
        PlannedRecord.object_type == object_type,
        among(session, PlannedRecord.record_id, ids),
    )
    return Known(
        session=session,
        run_id=run_id,
        connection_id=connection_id,
        mapping=mapping,
        records={record.id: record for record in found},
        links=_by_record(session, Link, connection_id, object_type, ids),
        announced=_by_record(session, AnnouncedUpdate, connection_id, object_type, ids),
        announced_companies=_by_record(session, AnnouncedAssociation, connection_id, object_type, ids),
        planned={row.record_id: row for row in session.scalars(planned)},
        in_flight=announced_writes.in_flight(
            session, connection_id, object_type, ids, but_of_run=run_id
        ).keys(),
    )


def _by_record(
    session: Session, table: Any, connection_id: int, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, Any]:
    return {row.record_id: row for row in rows_about(session, table, connection_id, object_type, ids)}


def known_contacts(session: Session, connection_id: int, remote_ids: Sequence[str]) -> set[str]:
    """The contacts in HubSpot that are linked here, or were until an undo took the link away."""
    found: set[str] = set()
    tables: tuple[tuple[Any, Any], ...] = ((Link, true()), (RemoteObject, RemoteObject.reason == REVERTED))
    for table, condition in tables:
        query = select(table.remote_id).where(
            table.connection_id == connection_id,
            table.object_type == "contacts",
            among(session, table.remote_id, remote_ids),
            condition,
        )
        found.update(session.scalars(query))
    return found


def announce(
    session: Session,
    run: Run,
    object_type: ObjectType,
    reverted: Sequence[Reverted],
    *,
    generation: int,
    now: datetime,
) -> None:
    """Announce writes, and outdate earlier reads of their objects; `run` is locked.

    So an undo that is cut off knows what it has put back already. What it archives stands in its checkpoint,
    since no other run can complete its log by reading an object that is gone.

    Args:
        session: A writing transaction.
        run: The undo.
        object_type: What the objects are.
        reverted: What is about to be archived, put back or associated.
        generation: The generation of our writes before the objects were read.
        now: The present time.

    Raises:
        OutdatedReadError: One of the objects was written to since, or is being written.
    """
    of_type = (run.connection_id, object_type)
    ids = [one.entry.record_id or 0 for one in reverted]
    remote_ids = [str(one.entry.remote_id) for one in reverted]
    has_newer = generations.has_written_since(
        session, *of_type, record_ids=ids, remote_ids=remote_ids, since=generation
    )
    if has_newer or announced_writes.in_flight(session, *of_type, ids, but_of_run=run.id):
        raise OutdatedReadError
    _refuse_logged(session, run, object_type, reverted)
    generations.raise_for(session, *of_type, ids)
    _announce_companies(session, run, [one for one in reverted if one.plan.verb == "associate"], now)
    table: Any = AnnouncedUpdate.__table__
    columns = ("connection_id", "object_type", "record_id", "run_id", "fence", "remote_id", "changes")
    rows = [
        (
            *(*of_type, one.entry.record_id, run.id, run.fence, one.entry.remote_id),
            [*one.now.unlogged, *one.plan.changes],
        )
        for one in reverted
        if one.plan.verb == "restore"
    ]
    replace_rows(session, table, columns, columns[:3], rows)


def _refuse_logged(session: Session, run: Run, object_type: ObjectType, reverted: Sequence[Reverted]) -> None:
    """Refuse what the undo knows to have sent before it was cut off, and somebody has told in its log since.

    Raises:
        OutdatedReadError: So it is with one of them.
    """
    own = [one.entry.record_id or 0 for one in reverted if one.now.unlogged and one.plan.verb != _PLAIN]
    known = [
        _by_record(session, table, run.connection_id, object_type, own)
        for table in (AnnouncedUpdate, AnnouncedAssociation)
    ]
    announced = {number for some in known for number, row in some.items() if row.run_id == run.id}
    if set(own) - announced:
        raise OutdatedReadError


def _announce_companies(session: Session, run: Run, reverted: Sequence[Reverted], now: datetime) -> None:
    rows = [
        Announced(
            id=0,
            run_id=run.id,
            contact_id=one.entry.record_id or 0,
            contact_remote_id=one.entry.remote_id,
            company_id=_company_id(one),
            company_remote_id=one.plan.changes[0][2] or None,
            before=one.plan.changes[0][1],
            was_associated=bool((one.plan.detail or {}).get("was_associated")),
            announced_at=now,
        )
        for one in reverted
        if not one.now.unlogged
    ]
    announced_associations.announce(session, run.connection_id, (run.id, run.fence), rows, now)


def _company_id(one: Reverted) -> int | None:
    number = (one.now.values or {}).get("company_id")
    return number if isinstance(number, int) else None


def write(
    session: Session, run: Run, mapping: Mapping, reverted: Sequence[Reverted], now: datetime
) -> tuple[dict[str, Any], int]:
    """Write links, bases and the log of a stretch; the run's new counts, and the last number of its log."""
    kind = mapping.object_type
    ids = [one.entry.record_id or 0 for one in reverted]
    known = gather(session, run.id, run.connection_id, mapping, ids)
    kept: dict[int, dict[str, Any]] = {}
    if run.is_preview:
        _foresee(known, reverted)
    else:
        written = [one.entry.record_id or 0 for one in reverted if one.plan.verb != "leave"]
        generation = generations.raise_for(session, run.connection_id, kind, written)
        archived = [str(one.entry.remote_id) for one in reverted if one.plan.verb == "archive"]
        generations.record_unlinked(
            session, run.connection_id, kind, archived, generation=generation or 0, now=now
        )
        made = {one.entry.record_id or 0: one.entry.at for one in reverted if one.plan.verb == "archive"}
        held_apart.forget_made_beside(session, run.connection_id, kind, made)
        changes = LinkChanges(session, run.connection_id, kind)
        kept = {one.entry.seq: _update_link(known, changes, one) for one in reverted}
        changes.write(now)
        announced_writes.take(session, "update", run.connection_id, kind, run_id=run.id, record_ids=ids)
        announced_associations.take(session, run.connection_id, run.id, ids)
    is_association = any(is_about_company(one.entry.outcome, one.entry.changes) for one in reverted)
    entries = [_entry(one, kept.get(one.entry.seq, {})) for one in reverted]
    last_seq = write_entries(session, run, now, kind, entries, is_association=is_association)
    counted_as = COUNTED_AS if is_association else kind
    return added_up(run.counts, counted_as, [one.plan.outcome for one in reverted]), last_seq


def _entry(one: Reverted, kept: dict[str, Any]) -> Entry:
    return Entry(
        record_id=one.entry.record_id,
        remote_id=one.entry.remote_id,
        name=one.entry.name,
        outcome=one.plan.outcome,
        reason=one.plan.reason,
        changes=one.plan.changes or None,
        detail={**(one.plan.detail or {}), **kept} or None,
    )


def _update_link(known: Known, changes: LinkChanges, one: Reverted) -> dict[str, Any]:
    """Bring the link in line with HubSpot; returns the detail that the entry needs to be reverted in turn."""
    record_id, plan = one.entry.record_id or 0, one.plan
    kept: dict[str, Any] = {}
    link = known.links.get(record_id)
    if link is not None and link.remote_id != one.entry.remote_id:
        return kept
    if plan.is_unlinked and link is not None:
        reason = REVERTED if plan.verb != "archive" else None
        kept["unlinked"] = changes.take_away(link, one.entry.name, reason=reason)
        return kept
    if plan.is_relinked:
        # Its base is that of the time before the undo, which HubSpot is brought back to.
        changes.bring_back(record_id, one.entry.detail or {}, kept)
        return kept
    if link is None or plan.verb in ("leave", "archive", "associate_plainly"):
        return kept
    values = one.now.values or {}
    if plan.verb == "associate":
        # The base is what both sides hold, so that no automatic run moves either.
        base = with_company(link.local_seen, link.remote_seen, _company_id(one), plan.changes[0][2] or None)
        link.local_seen, link.remote_seen = base.local_seen, base.remote_seen
    else:
        mapping, answer = known.mapping, one.answer or {}
        names = mapping.property_names
        texts = {name: answer.get(names[name], text) for name, _held, text in plan.changes}
        local = {name: values.get(name) for name in texts}
        base = set_apart(Base(link.local_seen, link.remote_seen), local, texts, mapping.knowing_blanks)
        link.local_seen, link.remote_seen = base.local_seen, base.remote_seen
        link.remote_updated_at = one.updated_at or link.remote_updated_at
    link.last_run_id, link.last_outcome, link.last_reason = known.run_id, outcomes.UPDATED, None
    return kept


def _foresee(known: Known, reverted: Sequence[Reverted]) -> None:
    """Store what the objects would become, for later entries of the preview."""
    rows = []
    for one in reverted:
        # Nothing else that an undo decides depends on a company beside the primary one.
        if one.plan.verb in ("leave", "associate_plainly") or one.entry.record_id is None:
            continue
        planned = known.planned.get(one.entry.record_id)
        texts = {**(planned.values if planned else {}), **{name: new for name, _, new in one.plan.changes}}
        has_link = (one.now.link is not None and not one.plan.is_unlinked) or one.plan.is_relinked
        state = _ARCHIVED if one.plan.verb == "archive" else "linked"
        remote_id = one.entry.remote_id if has_link else None
        rows.append(PlannedRow(one.entry.record_id, remote_id, state, texts))
    write_records(known.session, known.run_id, known.mapping.object_type, rows)
