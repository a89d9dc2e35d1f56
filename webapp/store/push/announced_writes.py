"""Announced writes: which are in flight, and which were interrupted, with the entries that complete the logs.

An announcement goes in the transaction of the entry that tells of it, so that nobody tells of it twice.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, and_, bindparam, delete, literal, or_, select, union_all
from sqlalchemy.orm import Session

from webapp.domain.links.base import COMPANY
from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.push.interrupted_writes import AnnouncedWrite, Completion, SeenObject
from webapp.domain.push.outgoing import SentChange
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import email_key
from webapp.domain.records.naming import record_name
from webapp.domain.runs import outcomes
from webapp.domain.runs.kinds import KINDS
from webapp.models import AnnouncedAssociation, AnnouncedCreate, AnnouncedUpdate, Contact, Link, Run
from webapp.store.database.lists import among
from webapp.store.links import tombstones
from webapp.store.links.tombstones import Tombstone
from webapp.store.records import merges
from webapp.store.records.records import TABLES
from webapp.store.runs.entries import added_up, write_entries
from webapp.store.runs.entry import LONGEST_NAME, Entry

WriteKind = Literal["create", "update"]
_ANNOUNCED: dict[WriteKind, Any] = {"create": AnnouncedCreate, "update": AnnouncedUpdate}

Kind = Literal["create", "update", "association"]
PROPERTIES: tuple[Kind, ...] = ("create", "update")
"""What has to do with an object's properties."""
_JSON: Any = AnnouncedUpdate.changes.type
_EVERY: tuple[Kind, ...] = (*PROPERTIES, "association")
_TABLES: dict[Kind, Any] = {
    "create": AnnouncedCreate,
    "update": AnnouncedUpdate,
    "association": AnnouncedAssociation,
}

_SENDING_KINDS = tuple(kind.name for kind in KINDS.values() if kind.direction != "in")
_RUNS: Any = Run.__table__
# A run that is at its slice, which a later slice outdates; what waits is not sending either.
_IS_SENDING: tuple[Any, ...] = (Run.state == "running", Run.waiting_for.is_(None))


def is_anything_announced(session: Session, connection_id: int) -> bool:
    """Whether anything is announced and in no log yet: most often nothing is."""
    return session.scalar(_any_announced(), {"connection_id": connection_id}) is not None


@cache
def _any_announced() -> Select[Any]:
    tables = [table.__table__.c for table in _TABLES.values()]
    some = [
        select(columns.id).where(columns.connection_id == bindparam("connection_id")).limit(1).subquery()
        for columns in tables
    ]
    return select(union_all(*(select(one.c.id) for one in some)).subquery().c.id).limit(1)


def about_objects(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    objects: Sequence[SeenObject],
    *,
    but_of_run: int | None = None,
) -> list[AnnouncedWrite]:
    """The announcements about these objects: updates of them, and creates that may have made them.

    Args:
        session: A transaction.
        connection_id: Of which portal.
        object_type: What the objects are.
        objects: The objects.
        but_of_run: The run whose own announcements are left out.
    """
    updates = _updates(connection_id, object_type, but_of_run).where(
        among(session, AnnouncedUpdate.remote_id, [one.id for one in objects])
    )
    keys = sorted({one.key for one in objects if one.key})
    is_made = [among(session, AnnouncedCreate.key, keys)]
    if object_type == "contacts":
        addresses = sorted({one.address for one in objects if one.address})
        # Of a contact that is not here any more the announcement alone knows the address.
        is_made += [among(session, Contact.email_key, addresses), Contact.id.is_(None)]
    creates = _creates(connection_id, object_type, but_of_run).where(or_(*is_made))
    return [*_writes_of(session, "update", updates), *_writes_of(session, "create", creates)]


def of_run(
    session: Session, connection_id: int, object_type: ObjectType, run_id: int, *, limit: int
) -> list[AnnouncedWrite]:
    """What a run announced and is in no log, at most so many of each kind."""
    updates = _updates(connection_id, object_type, None)
    creates = _creates(connection_id, object_type, None)
    return [
        *_writes_of(session, "update", updates.where(AnnouncedUpdate.run_id == run_id).limit(limit)),
        *_writes_of(session, "create", creates.where(AnnouncedCreate.run_id == run_id).limit(limit)),
    ]


def in_flight(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    record_ids: Sequence[int],
    *,
    but_of_run: int | None = None,
    kinds: Sequence[Kind] = _EVERY,
) -> dict[int, frozenset[str]]:
    """By record, the fields that another run is sending at this moment; none, where it makes an object.

    Args:
        session: A transaction.
        connection_id: Of which portal.
        object_type: What the records are.
        record_ids: The records.
        but_of_run: The run whose own announcements are left out.
        kinds: What counts of that which is announced.
    """
    if not record_ids or not _is_anybody_sending(session, connection_id, but_of_run):
        return {}
    announced = [_sent_now(session, kind, connection_id, object_type, record_ids) for kind in kinds]
    fields: dict[int, frozenset[str]] = {}
    for run_id, record_id, names in session.execute(union_all(*announced)):
        if run_id != but_of_run:
            fields[record_id] = fields.get(record_id, frozenset()) | {name for name, *_ in names}
    return fields


def _is_anybody_sending(session: Session, connection_id: int, but_of_run: int | None) -> bool:
    """Whether another run of the portal may be sending: most often none is, and nothing is looked up then."""
    given = {"connection_id": connection_id, "but_of_run": but_of_run or 0}
    return session.scalar(_any_sending(), given) is not None


@cache
def _any_sending() -> Select[Any]:
    is_one = _RUNS.c.connection_id == bindparam("connection_id"), _RUNS.c.id != bindparam("but_of_run")
    is_sending = _RUNS.c.state == "running", _RUNS.c.waiting_for.is_(None)
    return select(_RUNS.c.id).where(*is_one, *is_sending, _RUNS.c.kind.in_(_SENDING_KINDS)).limit(1)


def _sent_now(
    session: Session, kind: Kind, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> Select[Any]:
    """Run, record, and a list whose entries begin with the fields to which what is announced belongs."""
    table = _TABLES[kind]
    fields = (
        table.changes if kind == "update" else literal([[COMPANY]] if kind == "association" else [], _JSON)
    )
    return (
        select(table.run_id, table.record_id, fields)
        .join(Run, and_(Run.id == table.run_id, Run.fence == table.fence, *_IS_SENDING))
        .where(
            table.connection_id == connection_id,
            table.object_type == object_type,
            among(session, table.record_id, record_ids),
        )
    )


def complete(
    session: Session,
    run_id: int,
    object_type: ObjectType,
    completed: Sequence[Completion],
    now: datetime,
) -> int:
    """Complete the log of one run, with its counts; what did not take effect is only forgotten.

    What was announced of a record that was merged since is told of the one that it lives on as.

    Returns:
        How many entries were written: what somebody else has completed meanwhile is left out.
    """
    run = session.scalars(select(Run).where(Run.id == run_id).with_for_update()).one_or_none()
    taken = _take(session, [one.announced for one in completed])
    own = [one for one in completed if (one.announced.kind, one.announced.id) in taken and one.remote_id]
    if run is None or not own:
        # The log of a run that is not there any more was cleared away with it.
        return 0
    winners = merges.winners_of(session, object_type, [one.announced.record_id for one in own])
    about = [winners.get(one.announced.record_id, one.announced.record_id) for one in own]
    names = _names(session, object_type, about)
    entries = [
        _entry(one, record_id, names.get(record_id, "")) for one, record_id in zip(own, about, strict=True)
    ]
    orphans = [one for one, record_id in zip(own, about, strict=True) if record_id not in names]
    _bury(session, run, object_type, orphans, now)
    last_seq = write_entries(session, run, now, object_type, entries)
    run.counts = added_up(run.counts, object_type, [entry.outcome for entry in entries])
    run.last_seq = last_seq
    return len(entries)


def _bury(
    session: Session, run: Run, object_type: ObjectType, orphans: Sequence[Completion], now: datetime
) -> None:
    """What was made of a record that has been deleted here in the meantime does not come back by a pull."""
    stones = [
        Tombstone(
            connection_id=run.connection_id,
            remote_id=one.remote_id,
            name=one.remote_id,
            reason=DELETED_HERE,
            record_id=one.announced.record_id,
            run_id=run.id,
        )
        for one in orphans
        if one.announced.kind == "create" and one.remote_id is not None
    ]
    tombstones.write(session, object_type, stones, now)


def take(
    session: Session,
    kind: WriteKind,
    connection_id: int,
    object_type: ObjectType,
    *,
    run_id: int,
    record_ids: Sequence[int],
) -> set[int]:
    """The records of which the log of this run has yet to tell; their announcements go in its transaction."""
    if not record_ids:
        return set()
    table = _ANNOUNCED[kind]
    statement = (
        delete(table)
        .where(
            table.connection_id == connection_id,
            table.object_type == object_type,
            table.run_id == run_id,
            among(session, table.record_id, record_ids),
        )
        .returning(table.record_id)
    )
    return set(session.scalars(statement.execution_options(synchronize_session=False)))


def _query(table: Any, connection_id: int, object_type: ObjectType, but_of_run: int | None) -> Select[Any]:
    is_sent_now = and_(Run.fence == table.fence, *_IS_SENDING)
    query: Select[Any] = (
        select(table, is_sent_now.label("is_in_flight"))
        .outerjoin(Run, Run.id == table.run_id)
        .where(table.connection_id == connection_id, table.object_type == object_type)
    )
    return query.where(table.run_id != but_of_run) if but_of_run is not None else query


def _updates(connection_id: int, object_type: ObjectType, but_of_run: int | None) -> Select[Any]:
    """The announced updates, each with the generation of our last write to its object."""
    query = _query(AnnouncedUpdate, connection_id, object_type, but_of_run)
    of_object = (
        Link.connection_id == AnnouncedUpdate.connection_id,
        Link.object_type == AnnouncedUpdate.object_type,
        Link.remote_id == AnnouncedUpdate.remote_id,
    )
    return query.outerjoin(Link, and_(*of_object)).add_columns(Link.generation)


def _creates(connection_id: int, object_type: ObjectType, but_of_run: int | None) -> Select[Any]:
    """The announced creates, contacts with the address by which HubSpot would know them."""
    query = _query(AnnouncedCreate, connection_id, object_type, but_of_run)
    if object_type == "companies":
        return query
    joined = query.outerjoin(Contact, Contact.id == AnnouncedCreate.record_id)
    return joined.add_columns(Contact.email_key)


def _writes_of(session: Session, kind: WriteKind, query: Select[Any]) -> list[AnnouncedWrite]:
    return [
        _as_write(kind, row, next(iter(more), None), is_in_flight=bool(is_in_flight))
        for row, is_in_flight, *more in session.execute(query)
    ]


def _as_write(kind: WriteKind, row: Any, more: Any, *, is_in_flight: bool) -> AnnouncedWrite:
    """`more`: of a create the contact's address, of an update the generation."""
    changes = tuple((name, prior, text) for name, prior, text in row.changes)
    is_create = kind == "create"
    return AnnouncedWrite(
        kind=kind,
        id=row.id,
        run_id=row.run_id,
        record_id=row.record_id,
        changes=changes,
        remote_id=None if is_create else row.remote_id,
        key=row.key if is_create else None,
        address=(more or _address_in(changes)) if is_create else None,
        announced_at=row.announced_at if is_create else None,
        is_in_flight=is_in_flight,
        generation=0 if is_create else more or 0,
    )


def _address_in(changes: Sequence[SentChange]) -> str | None:
    return email_key(next((text for name, _, text in changes if name == "email"), None))


def _take(session: Session, announced: Sequence[AnnouncedWrite]) -> set[tuple[str, int]]:
    taken: set[tuple[str, int]] = set()
    for kind, table in _ANNOUNCED.items():
        ids = [one.id for one in announced if one.kind == kind]
        if ids:
            statement = delete(table).where(among(session, table.id, ids)).returning(table.id)
            gone = session.scalars(statement.execution_options(synchronize_session=False))
            taken |= {(kind, number) for number in gone}
    return taken


def _names(session: Session, object_type: ObjectType, record_ids: Sequence[int]) -> dict[int, str]:
    table: Any = TABLES[object_type]
    found = session.scalars(select(table).where(among(session, table.id, record_ids)))
    return {one.id: record_name(object_type, vars(one))[:LONGEST_NAME] for one in found}


def _entry(completion: Completion, record_id: int, name: str) -> Entry:
    is_create = completion.announced.kind == "create"
    return Entry(
        record_id=record_id,
        remote_id=completion.remote_id,
        name=name,
        outcome=outcomes.CREATED if is_create else outcomes.UPDATED,
        reason=None,
        changes=list(completion.changes) or None,
    )
