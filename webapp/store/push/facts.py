"""Gathers what a push needs to know of a page of records, in a fixed number of statements."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import uuid4

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.domain.links.facts import LinkFacts
from webapp.domain.push.plan import matching_key
from webapp.domain.push.step import Local
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.records.values import Value
from webapp.models import (
    AnnouncedCreate,
    AnnouncedUpdate,
    Company,
    Contact,
    HeldRecord,
    KeptApart,
    Link,
    LogEntry,
    OutboxRecord,
)
from webapp.store.database.lists import among
from webapp.store.pull.queries import FIELD_NAMES
from webapp.store.records.records import TABLES
from webapp.store.runs.failures import Wanted, record_ids

_KEYS: dict[ObjectType, Any] = {"companies": Company.domain_key, "contacts": Contact.email_key}


class Scope(Struct, frozen=True):
    """Which records a run is about: all, a company with its contacts, one contact, edited ones, linked ones.

    Or those that failed: what is `wanted` of them, and what the run `run_id` has tried again already;
    or the records with these `ids`.
    `types` are the object types that it may send; `may_create`: whether records that are not linked go too.
    """

    kind: Literal["all", "company", "contact", "outbox", "linked", "failing", "records"] = "all"
    record_id: int = 0
    types: Sequence[ObjectType] = OBJECT_TYPES
    may_create: bool = True
    wanted: Wanted = Wanted()
    run_id: int = 0
    ids: dict[ObjectType, list[int]] = {}

    def narrowed(self, query: Select[Any], object_type: ObjectType, connection_id: int) -> Select[Any]:
        """The query for the scope's records of a type."""
        if self.kind == "all":
            return query
        if object_type not in self.types:
            return query.where(false())
        return query.where(self._condition(object_type, connection_id))

    def _condition(self, object_type: ObjectType, connection_id: int) -> ColumnElement[bool]:
        number: Any = TABLES[object_type].id
        found: ColumnElement[bool]
        if self.kind == "outbox":
            found = number.in_(_listed(OutboxRecord, object_type, connection_id))
        elif self.kind == "linked":
            linked = _listed(Link, object_type, connection_id).where(Link.state == "linked")
            found = number.in_(linked)
        elif self.kind == "failing":
            failing = record_ids(connection_id, object_type, self.wanted, direction="out")
            tried = select(LogEntry.record_id).where(
                LogEntry.run_id == self.run_id, LogEntry.object_type == object_type
            )
            found = or_(number.in_(failing), number.in_(tried))
        elif self.kind == "records":
            found = number.in_(self.ids.get(object_type, ()))
        elif object_type == "contacts" and self.kind == "company":
            found = Contact.company_id == self.record_id
        else:
            # A contact's push has nothing to do with companies.
            is_ours = (object_type == "companies") == (self.kind == "company")
            found = number == self.record_id if is_ours else false()
        return found


def _listed(table: Any, object_type: ObjectType, connection_id: int) -> Select[Any]:
    return select(table.record_id).where(
        table.connection_id == connection_id, table.object_type == object_type
    )


def count(session: Session, connection_id: int, object_type: ObjectType, scope: Scope) -> int:
    """How many records there are to push."""
    query = select(func.count()).select_from(TABLES[object_type])
    return session.scalar(scope.narrowed(query, object_type, connection_id)) or 0


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
    rows = session.execute(_page_query(connection_id, object_type, scope, after_id, limit)).all()
    locals_ = [_local(object_type, run_id, row) for row in rows]
    logged = _logged_ids(session, run_id, object_type, [local.id for local in locals_])
    unlogged = _of_records(
        session, AnnouncedUpdate, connection_id, object_type, [local.id for local in locals_]
    )
    for local in locals_:
        # The hour's automatic push sends a record as often as it was edited.
        local.is_done = scope.kind != "outbox" and (local.is_done or local.id in logged)
        local.unlogged = unlogged[local.id].changes if local.id in unlogged else ()
    open_ones = [local for local in locals_ if local.link is None or local.link.state != "linked"]
    _add_open_facts(session, connection_id, object_type, open_ones)
    return locals_


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


def _local(object_type: ObjectType, run_id: int, row: Any) -> Local:
    names = FIELD_NAMES[object_type]
    values: dict[str, Value] = dict(zip(names, row, strict=False))
    custom, record_id, uuid, is_active, key, *link, company_remote_id, last_run_id, unsent = row[len(names) :]
    if custom:
        values.update({f"custom.{name}": value for name, value in custom.items()})
    keys = (key, None) if object_type == "contacts" else (None, key)
    return Local(
        id=record_id,
        uuid=uuid or str(uuid4()),
        is_unnamed=not uuid,
        is_active=is_active,
        values=values,
        key=matching_key(object_type, *keys),
        link=LinkFacts(*link) if link[0] is not None else None,
        company_remote_id=company_remote_id if object_type == "contacts" else None,
        is_done=last_run_id == run_id,
        unsent_version=unsent,
    )


def _logged_ids(session: Session, run_id: int, object_type: ObjectType, ids: Sequence[int]) -> set[int]:
    """The records that this run has told of already: a page may be gone through again."""
    query = select(LogEntry.record_id).where(
        LogEntry.object_type == object_type,
        among(session, LogEntry.record_id, ids),
        LogEntry.run_id == run_id,
    )
    return {record_id for record_id in session.scalars(query) if record_id is not None}


def _add_open_facts(
    session: Session, connection_id: int, object_type: ObjectType, open_ones: Sequence[Local]
) -> None:
    """What records without a working link need: decisions, announced creates, and who shares their key."""
    ids = [local.id for local in open_ones]
    decisions = _of_records(session, HeldRecord, connection_id, object_type, ids)
    announced = _of_records(session, AnnouncedCreate, connection_id, object_type, ids)
    firsts = _first_ids(session, connection_id, object_type, [local.key for local in open_ones if local.key])
    for local in open_ones:
        local.decision = decisions[local.id].decision if local.id in decisions else None
        local.announced_at = announced[local.id].announced_at if local.id in announced else None
        first_id = firsts.get(local.key) if local.key else None
        local.first_id = first_id if first_id != local.id else None


def _of_records(
    session: Session, table: Any, connection_id: int, object_type: ObjectType, ids: Sequence[int]
) -> dict[int, Any]:
    """The rows of a table that are about these records."""
    query = select(table).where(
        table.connection_id == connection_id,
        table.object_type == object_type,
        among(session, table.record_id, ids),
    )
    return {row.record_id: row for row in session.scalars(query)}


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
    """By record, which of these objects a person said it is not."""
    query = select(KeptApart.record_id, KeptApart.remote_id).where(
        KeptApart.connection_id == connection_id,
        KeptApart.object_type == object_type,
        among(session, KeptApart.remote_id, remote_ids),
    )
    found: dict[int, frozenset[str]] = {}
    for record_id, remote_id in session.execute(query):
        found[record_id] = found.get(record_id, frozenset()) | {remote_id}
    return found
