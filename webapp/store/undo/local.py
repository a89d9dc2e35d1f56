"""Writes of an undo here, or their preview."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete

from webapp.domain.links.base import Base, set_apart
from webapp.domain.links.facts import DELETED_HERE, REVERTED
from webapp.domain.records.values import Value
from webapp.domain.runs import outcomes
from webapp.domain.undo.local import UndoPlan
from webapp.models import Contact, ContactAddress, KeptApart, LogEntry, Run
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among
from webapp.store.links import questions
from webapp.store.preview.overlay import PlannedRow, write_records
from webapp.store.records import pairs_of_deleted
from webapp.store.records.merges import forget_records
from webapp.store.records.records import TABLES, Record, columns_of, values_of
from webapp.store.records.searching import texts
from webapp.store.undo.links import LinkChanges, switch_back
from webapp.store.undo.records import REMOVED, Records


def apply(found: Records, entry: LogEntry, plan: UndoPlan, now: datetime, *, is_edit: bool) -> dict[str, Any]:
    """Do what was planned for one record; `write` writes it.

    Args:
        found: The stretch that the record is in.
        entry: What is reverted.
        plan: What was planned.
        now: The present time.
        is_edit: Whether what is put back counts as edited here, so that it is sent to HubSpot.

    Returns:
        The detail with which the undo's entry can itself be undone; complete once it is written.
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
    if plan.dropped_addresses:
        found.dropped += [(record_id, email) for email in plan.dropped_addresses]
        kept["dropped"] = plan.dropped_addresses
    if plan.regained_addresses:
        found.revived += [(record_id, email) for email in plan.regained_addresses]
        kept["addresses"] = plan.regained_addresses
    return kept


def foresee(found: Records, record_id: int, plan: UndoPlan) -> None:
    """Keep what would become of one record, for the preview's later entries."""
    present = found.present(record_id)
    values = {**(present.values or {}), **{name: old for name, _new, old in plan.changes}}
    has_link = (present.link is not None and not plan.is_unlinked) or plan.is_relinked
    state = REMOVED if plan.verb == "remove" else "here"
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
    if found.pairs:
        pairs_of_deleted.bring_back(session, found.object_type, found.pairs)
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
    """The record comes back under its own number, so that its log and its contacts lead to it."""
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
    texts.queue_new(found.session, found.object_type, [record_id])
    found.revived += [(record_id, email) for email in removed.get("addresses", ())]
    found.apart += [(connection, record_id, other) for connection, other in removed.get("apart", ())]
    found.pairs += [(record_id, pair) for pair in removed.get("pairs", ())]


def _relink_elsewhere(found: Records, record_id: int, entry_detail: dict[str, Any]) -> None:
    """Links of other portals come back as well; no entry tells of them, since the run is of one portal."""
    for kept in entry_detail.get("unlinked_elsewhere", ()):
        number = kept["connection_id"]
        changes = found.elsewhere.setdefault(number, LinkChanges(found.session, number, found.object_type))
        changes.bring_back(record_id, {"unlinked": kept}, {})
