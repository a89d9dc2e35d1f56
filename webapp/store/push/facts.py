"""Gathers what a push needs to know of a page of records, in a fixed number of statements."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.links.facts import LinkFacts
from webapp.domain.push.facts import Local, Question
from webapp.domain.push.outgoing import SentChange
from webapp.domain.push.recognition.recognition import matching_key
from webapp.domain.records.fields import FIELD_NAMES, ObjectType
from webapp.domain.records.values import Value
from webapp.domain.runs.outcomes import UNSETTLED
from webapp.models import (
    AnnouncedCreate,
    AnnouncedUpdate,
    Company,
    Contact,
    ContactAddress,
    FailingRecord,
    HeldRecord,
    KeptApart,
    Link,
    LogEntry,
    OutboxRecord,
    RemoteObject,
)
from webapp.store.database.lists import among
from webapp.store.links import questions
from webapp.store.push import announced_writes
from webapp.store.push.scope import Scope
from webapp.store.records.records import TABLES, rows_about

# Of a company without object: so many of its contacts are asked for the company that HubSpot gave them.
_MOST_CONTACTS = 5
_KEYS: dict[ObjectType, Any] = {"companies": Company.domain_key, "contacts": Contact.email_key}


def page(
    session: Session,
    connection_id: int,
    run_id: int,
    object_type: ObjectType,
    scope: Scope,
    *,
    after_id: int,
    limit: int,
) -> list[Local]:
    """The next records by number, with all that this side says about each."""
    query = _page_query(connection_id, object_type, scope, after_id, limit)
    rows = [_row(object_type, row) for row in session.execute(query)]
    ids = [row.id for row in rows]
    open_ones = [row for row in rows if row.link is None or row.link.state != "linked"]
    open_ids = [row.id for row in open_ones]
    keys = [row.key for row in open_ones if row.key]
    around = _Around(
        done=_done_edits(session, connection_id, run_id, object_type, ids)
        if scope.kind == "outbox"
        else _done_ids(session, run_id, object_type, rows),
        unlogged=_own(_by_record(session, AnnouncedUpdate, connection_id, object_type, ids), run_id),
        decisions=_by_record(session, HeldRecord, connection_id, object_type, open_ids),
        announced=_by_record(session, AnnouncedCreate, connection_id, object_type, open_ids),
        firsts=_first_ids(session, connection_id, object_type, keys),
        met=_met_companies(session, connection_id, keys) if object_type == "companies" else {},
        contacts=_contacts_of(session, connection_id, open_ids) if object_type == "companies" else {},
        addresses=_further_addresses(session, open_ids) if object_type == "contacts" else {},
        questions=questions.open_about(session, connection_id, object_type, open_ids),
        unsettled=_unsettled(session, connection_id, object_type, open_ids) if scope.kind == "outbox" else (),
        in_flight=announced_writes.in_flight(
            session, connection_id, object_type, ids, but_of_run=run_id, kinds=announced_writes.PROPERTIES
        ).keys(),
        run_id=run_id,
    )
    return [_local(row, around) for row in rows]


class _Row(NamedTuple):
    """A record as the page's statement reads it."""

    id: int
    uuid: str | None
    is_active: bool
    values: dict[str, Value]
    key: str | None
    link: LinkFacts | None
    company_remote_id: str | None
    last_run_id: int | None
    unsent_version: str | None


class _Around(NamedTuple):
    """What further tables say about the records of a page, by record; `firsts` and `met` by key."""

    done: frozenset[int]
    unlogged: dict[int, Any]
    decisions: dict[int, Any]
    announced: dict[int, Any]
    firsts: dict[str, int]
    met: dict[str, tuple[str, ...]]
    contacts: dict[int, tuple[str, ...]]
    addresses: dict[int, tuple[str, ...]]
    questions: dict[int, tuple[Question, ...]]
    unsettled: Collection[int]
    in_flight: Collection[int]
    run_id: int


def _page_query(
    connection_id: int, object_type: ObjectType, scope: Scope, after_id: int, limit: int
) -> Select[Any]:
    """Fields, custom fields, then id, uuid, state, key; the link's columns; the company's object; the edit.

    One statement, so that on PostgreSQL too the edit that waits is the one that the values show.
    """
    table: Any = TABLES[object_type]
    company_link = aliased(Link)
    company_remote_id: Any = company_link.remote_id if object_type == "contacts" else Link.remote_id
    query = (
        select(
            *(getattr(table, name) for name in FIELD_NAMES[object_type]),
            *(table.custom, table.id, table.uuid, table.is_active, _KEYS[object_type]),
            *(Link.id, Link.record_id, Link.remote_id, Link.state),
            *(Link.local_seen, Link.remote_seen, Link.remote_updated_at, company_remote_id, Link.last_run_id),
            OutboxRecord.version,
        )
        .select_from(table)
        .outerjoin(Link, _is_about(Link, connection_id, object_type, table.id))
        .outerjoin(OutboxRecord, _is_about(OutboxRecord, connection_id, object_type, table.id))
        .where(table.id > after_id)
        .order_by(table.id)
        .limit(limit)
    )
    if object_type == "contacts":
        is_linked = and_(
            _is_about(company_link, connection_id, "companies", Contact.company_id),
            company_link.state == "linked",
        )
        query = query.outerjoin(company_link, is_linked)
    return scope.narrowed(query, object_type, connection_id)


def _is_about(table: Any, connection_id: int, object_type: ObjectType, record_id: Any) -> Any:
    return and_(
        table.connection_id == connection_id, table.object_type == object_type, table.record_id == record_id
    )


def _row(object_type: ObjectType, row: Any) -> _Row:
    names = FIELD_NAMES[object_type]
    values: dict[str, Value] = dict(zip(names, row, strict=False))
    custom, record_id, uuid, is_active, key, *link, company_remote_id, last_run_id, unsent = row[len(names) :]
    values |= {f"custom.{name}": value for name, value in (custom or {}).items()}
    is_contact = object_type == "contacts"
    return _Row(
        id=record_id,
        uuid=uuid,
        is_active=is_active,
        values=values,
        key=matching_key(object_type, *((key, None) if is_contact else (None, key))),
        link=LinkFacts(*link) if link[0] is not None else None,
        company_remote_id=company_remote_id if is_contact else None,
        last_run_id=last_run_id,
        unsent_version=unsent,
    )


def _local(row: _Row, around: _Around) -> Local:
    """A record without a working link knows decisions, announced creates, and who shares its key."""
    announced = around.announced.get(row.id)
    unlogged = [
        around.unlogged.get(row.id),
        announced if announced and announced.run_id == around.run_id else None,
    ]
    held = around.decisions.get(row.id)
    is_linked = row.link is not None and row.link.state == "linked"
    first_id = around.firsts.get(row.key) if row.key and not is_linked else None
    return Local(
        id=row.id,
        uuid=row.uuid or str(uuid4()),
        is_active=row.is_active,
        values=row.values,
        key=row.key,
        link=row.link,
        company_remote_id=row.company_remote_id,
        first_id=first_id if first_id != row.id else None,
        decision=held.decision if held else None,
        announced_at=announced.announced_at if announced else None,
        unlogged=_changes(unlogged),
        unsent_version=row.unsent_version,
        met_ids=around.met.get(row.key or "", ()) if not is_linked else (),
        contact_remote_ids=around.contacts.get(row.id, ()),
        is_done=row.id in around.done,
        is_unnamed=not row.uuid,
        is_being_written=row.id in around.in_flight,
        is_unsettled=row.id in around.unsettled,
        further_emails=around.addresses.get(row.id, ()),
        questions=around.questions.get(row.id, ()),
    )


def _changes(announced: Sequence[Any]) -> tuple[SentChange, ...]:
    """What was announced of a record, each field once."""
    changes = [change for one in announced if one is not None for change in one.changes]
    return tuple({name: (name, prior, text) for name, prior, text in reversed(changes)}.values())


def _own(announced: dict[int, Any], run_id: int) -> dict[int, Any]:
    """What a run announced itself; what another one did is in that one's log, or will be."""
    return {record_id: one for record_id, one in announced.items() if one.run_id == run_id}


def _done_ids(session: Session, run_id: int, object_type: ObjectType, rows: Sequence[_Row]) -> frozenset[int]:
    """The records that this run has been through already: a page may be gone through again."""
    query = select(LogEntry.record_id).where(
        LogEntry.object_type == object_type,
        among(session, LogEntry.record_id, [row.id for row in rows]),
        LogEntry.run_id == run_id,
    )
    logged = [record_id for record_id in session.scalars(query) if record_id is not None]
    return frozenset(logged) | {row.id for row in rows if row.last_run_id == run_id}


def _unsettled(
    session: Session, connection_id: int, object_type: ObjectType, ids: Sequence[int]
) -> frozenset[int]:
    """The records that an earlier push wanted to make, which HubSpot could not do just then."""
    query = select(FailingRecord.record_id).where(
        FailingRecord.connection_id == connection_id,
        FailingRecord.object_type == object_type,
        among(session, FailingRecord.record_id, ids),
        FailingRecord.direction == "out",
        FailingRecord.reason == UNSETTLED,
    )
    return frozenset(session.scalars(query)) if ids else frozenset()


def _done_edits(
    session: Session, connection_id: int, run_id: int, object_type: ObjectType, ids: Sequence[int]
) -> frozenset[int]:
    """The records whose latest edit this run has been through: it sends one as often as it is edited."""
    query = select(OutboxRecord.record_id).where(
        OutboxRecord.connection_id == connection_id,
        OutboxRecord.object_type == object_type,
        among(session, OutboxRecord.record_id, ids),
        OutboxRecord.pushed_by_run_id == run_id,
    )
    return frozenset(session.scalars(query))


def _by_record(
    session: Session, table: Any, connection_id: int, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, Any]:
    return {row.record_id: row for row in rows_about(session, table, connection_id, object_type, ids)}


def _met_companies(
    session: Session, connection_id: int, domains: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """By domain, the companies at HubSpot that were met and not linked: their ids need no search."""
    return _gathered(session.execute(met_companies_query(session, connection_id, list(set(domains)))))


def met_companies_query(
    session: Session, connection_id: int, domains: Sequence[str]
) -> Select[str | None, str]:
    """The domains and ids of companies at HubSpot that were met and not linked, by an index of their own."""
    columns: tuple[Any, ...] = (RemoteObject.domain_key, RemoteObject.remote_id)
    return select(*columns).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == "companies",
        # The condition of the index.
        RemoteObject.domain_key.is_not(None),
        among(session, RemoteObject.domain_key, domains),
    )


def _contacts_of(
    session: Session, connection_id: int, company_ids: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """By company, the objects of some of its contacts: HubSpot may have given these a company of its own."""
    # Not a join: SQLite would begin it with the links of all contacts.
    is_its_link = and_(_is_about(Link, connection_id, "contacts", Contact.id), Link.state == "linked")
    remote_id = select(Link.remote_id).where(is_its_link).scalar_subquery()
    query = select(Contact.company_id, remote_id).where(among(session, Contact.company_id, list(company_ids)))
    linked = [row for row in session.execute(query) if row[1] is not None]
    return {number: some[:_MOST_CONTACTS] for number, some in _gathered(linked).items()}


def _further_addresses(session: Session, contact_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """By contact, its addresses beside the first."""
    query = select(ContactAddress.contact_id, ContactAddress.email_key).where(
        among(session, ContactAddress.contact_id, contact_ids)
    )
    return _gathered(session.execute(query.order_by(ContactAddress.contact_id, ContactAddress.email_key)))


def _gathered(rows: Iterable[Any]) -> dict[Any, tuple[str, ...]]:
    gathered: dict[Any, tuple[str, ...]] = {}
    for key, remote_id in rows:
        gathered[key] = (*gathered.get(key, ()), remote_id)
    return gathered


def _first_ids(
    session: Session, connection_id: int, object_type: ObjectType, keys: Sequence[str]
) -> dict[str, int]:
    """For each key the active record that goes first: the linked one, else the lowest number."""
    table, column = TABLES[object_type], _KEYS[object_type]
    query = (
        select(column, table.id, Link.id)
        .select_from(table)
        .outerjoin(Link, and_(_is_about(Link, connection_id, object_type, table.id), Link.state == "linked"))
        .where(among(session, column, list(set(keys))), table.is_active.is_(True))
    )
    firsts: dict[str, tuple[bool, int]] = {}
    for key, record_id, link_id in session.execute(query):
        rank = (link_id is None, record_id)
        firsts[key] = min(rank, firsts.get(key, rank))
    return {key: record_id for key, (_, record_id) in firsts.items()}


def owners(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, int]:
    """The records that these objects are linked to."""
    query = select(Link.remote_id, Link.record_id).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        Link.state != "gone",
        among(session, Link.remote_id, remote_ids),
    )
    return {row.remote_id: row.record_id for row in session.execute(query)}


def apart(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[int, frozenset[str]]:
    """By record, which of these objects a person has decided it is not."""
    query = select(KeptApart.record_id, KeptApart.remote_id).where(
        KeptApart.connection_id == connection_id,
        KeptApart.object_type == object_type,
        among(session, KeptApart.remote_id, remote_ids),
    )
    found: dict[int, frozenset[str]] = {}
    for record_id, remote_id in session.execute(query):
        found[record_id] = found.get(record_id, frozenset()) | {remote_id}
    return found
