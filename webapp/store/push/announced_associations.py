"""Announced associations: rows written ahead of the call, gone with the log entry.

A run that reads that one took effect completes the log of the run that announced it, and deletes the row in
the same transaction, so that it is logged once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from webapp.domain.links.base import with_company
from webapp.domain.push.associations import PRIMARY, Announced
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import AnnouncedAssociation, Contact, Link, LogEntry, MergedRecord, Run
from webapp.store.database.bulk import replace_rows, update_rows
from webapp.store.database.lists import among
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry

COUNTED_AS = "associations"
"""The name under which a run counts them, beside companies and contacts."""

_COLUMNS = (
    *("connection_id", "object_type", "record_id", "run_id", "fence", "remote_id", "company_id"),
    *("company_remote_id", "prior_remote_id", "was_associated", "announced_at"),
)
_CONTACTS: ObjectType = "contacts"
_NAMES = ("first_name", "last_name", "email")
_UNDO = "undo"
LIMIT = 1000
"""As many announcements are looked at together."""


def announce(
    session: Session,
    connection_id: int,
    by: tuple[int, int],
    announced: Iterable[Announced],
    now: datetime,
) -> None:
    """Write down what is about to be associated; what an earlier run announced of a contact is outdated.

    Args:
        session: A writing transaction.
        connection_id: Of which portal.
        by: The run that is about to associate it, and its fence.
        announced: What is about to be associated.
        now: The present time.
    """
    rows = [
        (
            *(connection_id, _CONTACTS, one.contact_id, *by, one.contact_remote_id, one.company_id),
            *(one.company_remote_id, one.before, one.was_associated, now),
        )
        for one in sorted(announced, key=lambda one: one.contact_id)
    ]
    table: Any = AnnouncedAssociation.__table__
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def unlogged(
    session: Session,
    connection_id: int,
    *,
    run_id: int | None = None,
    contact_ids: Sequence[int] | None = None,
    remote_ids: Sequence[str] | None = None,
    limit: int = LIMIT,
) -> list[Announced]:
    """The announcements about known objects that are in no log yet, by the contact's number.

    A contact that was merged since is replaced by the remaining one.

    Args:
        session: A transaction.
        connection_id: Of which portal.
        run_id: Only what this run announced.
        contact_ids: Only of these contacts.
        remote_ids: Only of these contacts' objects.
        limit: At most so many.
    """
    contact_id, query = _announced_by_contact(connection_id)
    if run_id is not None:
        query = query.where(AnnouncedAssociation.run_id == run_id)
    if contact_ids is not None:
        query = query.where(among(session, contact_id, contact_ids))
    if remote_ids is not None:
        object_id = func.coalesce(AnnouncedAssociation.remote_id, Link.remote_id)
        query = query.where(among(session, object_id, remote_ids))
    return [_as_announced(row) for row in session.execute(query.limit(limit))]


def _announced_by_contact(connection_id: int) -> tuple[Any, Select[*tuple[Any, ...]]]:
    """What was announced of known objects, with contact, link and run; and the contact's number in it."""
    table = AnnouncedAssociation
    was_merged = and_(MergedRecord.object_type == table.object_type, MergedRecord.loser_id == table.record_id)
    contact_id = func.coalesce(MergedRecord.winner_id, table.record_id)
    of_contact = and_(
        Link.connection_id == table.connection_id,
        Link.object_type == table.object_type,
        Link.record_id == contact_id,
    )
    query = (
        select(
            *(table, contact_id, Link.remote_id, Contact.first_name, Contact.last_name, Contact.email),
            *(Run.kind, Run.state),
        )
        .outerjoin(MergedRecord, was_merged)
        .outerjoin(Link, of_contact)
        .outerjoin(Contact, Contact.id == contact_id)
        .outerjoin(Run, Run.id == table.run_id)
        .where(
            table.connection_id == connection_id,
            # What a create may have made has no known id before the record is linked.
            or_(table.remote_id.is_not(None), Link.remote_id.is_not(None)),
        )
        .order_by(table.record_id)
    )
    return contact_id, query


def _as_announced(found: Any) -> Announced:
    row, contact_id, linked_to, *person, kind, state = found
    return Announced(
        id=row.id,
        run_id=row.run_id,
        contact_id=contact_id,
        contact_remote_id=row.remote_id or linked_to,
        company_id=row.company_id,
        company_remote_id=row.company_remote_id,
        before=row.prior_remote_id,
        was_associated=row.was_associated,
        announced_at=row.announced_at,
        name=record_name(_CONTACTS, dict(zip(_NAMES, person, strict=True)))[:LONGEST_NAME],
        is_reverting=kind == _UNDO,
        is_run_open=state in OPEN_STATES,
    )


def complete(session: Session, run_id: int, announced: Sequence[Announced], now: datetime) -> int:
    """Write what took effect to the log of the run that announced it, and both sides' base.

    Returns:
        The number written, without those that another run has completed meanwhile.
    """
    run = session.scalars(select(Run).where(Run.id == run_id).with_for_update()).one_or_none()
    taken = _take(session, [one.id for one in announced])
    own = [one for one in announced if one.id in taken]
    if run is None or not own:
        # The log of a run that no longer exists was cleared with it.
        return 0
    last_seq = write_entries(session, run, now, _CONTACTS, [_entry(one) for one in own], is_association=True)
    run.counts = added_up(run.counts, COUNTED_AS, [outcomes.UPDATED] * len(own))
    run.last_seq = last_seq
    _write_base(session, run.connection_id, own)
    return len(own)


def _take(session: Session, ids: Sequence[int]) -> set[int]:
    table = AnnouncedAssociation
    statement = delete(table).where(among(session, table.id, ids)).returning(table.id)
    return set(session.scalars(statement.execution_options(synchronize_session=False)))


def take(session: Session, connection_id: int, run_id: int, contact_ids: Sequence[int]) -> set[int]:
    """The contacts that the log of this run still lacks; their rows go in the transaction of its entries."""
    table = AnnouncedAssociation
    statement = (
        delete(table)
        .where(
            table.connection_id == connection_id,
            table.run_id == run_id,
            among(session, table.record_id, contact_ids),
        )
        .returning(table.record_id)
    )
    return set(session.scalars(statement.execution_options(synchronize_session=False)))


def forget(session: Session, ids: Sequence[int]) -> None:
    """Delete announcements that did not take effect."""
    _take(session, ids)


def forget_created(session: Session, connection_id: int, contact_ids: Sequence[int]) -> None:
    """What was to be made together with its association was made and is logged, or was not made."""
    if contact_ids:
        table = AnnouncedAssociation
        session.execute(
            delete(table)
            .where(
                table.connection_id == connection_id,
                table.object_type == _CONTACTS,
                table.remote_id.is_(None),
                among(session, table.record_id, contact_ids),
            )
            .execution_options(synchronize_session=False)
        )


def _entry(one: Announced) -> Entry:
    company = {} if one.is_reverting else {"company_id": one.company_id}
    to_none = "" if one.is_reverting else None
    return Entry(
        record_id=one.contact_id,
        remote_id=one.contact_remote_id,
        name=one.name,
        outcome=outcomes.UPDATED,
        reason="undone_association" if one.is_reverting else "associated",
        changes=[(PRIMARY, one.before, one.company_remote_id or to_none)],
        detail={**company, "was_associated": one.was_associated},
    )


def as_log_entries(run: Run, announced: Sequence[Announced]) -> list[LogEntry]:
    """The entries as `complete` would write them, the last one first; nothing is written."""
    entries = []
    for seq, one in enumerate(announced, start=run.last_seq + 1):
        values = _entry(one)._asdict()
        entries.append(LogEntry(run_id=run.id, seq=seq, at=one.announced_at, object_type=_CONTACTS, **values))
    return entries[::-1]


def _write_base(session: Session, connection_id: int, announced: Sequence[Announced]) -> None:
    by_contact = {(one.contact_id, one.contact_remote_id): one for one in announced}
    query = (
        select(Link)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == _CONTACTS,
            among(session, Link.record_id, sorted({contact_id for contact_id, _ in by_contact})),
        )
        .order_by(Link.id)
    )
    rows = []
    for link in session.scalars(query):
        one = by_contact.get((link.record_id, link.remote_id))
        if one is not None:
            base = with_company(link.local_seen, link.remote_seen, one.company_id, one.company_remote_id)
            rows.append((base.local_seen, base.remote_seen, link.id))
    table: Any = Link.__table__
    update_rows(session, table, ("local_seen", "remote_seen"), rows)
