"""Creation checks: which are due, and what is known here of the objects that a search had not shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.links.facts import LinkFacts
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import AnnouncedCreate, Connection, CreationCheck, KeptApart, Link, Run
from webapp.store.connection.connections import CONNECTED
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among
from webapp.store.links import generations
from webapp.store.records.records import TABLES, rows_about, values_of

_COLUMNS = (
    *("connection_id", "object_type", "record_id", "run_id", "announced_at", "not_before", "attempts"),
    *("survivor_id", "moving"),
)


class Subject(Struct, kw_only=True):
    """A create that is to be looked at, with its record here.

    Attributes:
        id: the number of the check.
        values: the record's fields; None where there is no such record any more.
        link: the record's link, in whatever state.
        is_announced: whether nobody knows yet what came of the create.
        apart: objects that a person has decided the record is not.
        survivor_id, moving: what an earlier look has decided, and could not finish.
    """

    id: int
    record_id: int
    run_id: int
    announced_at: datetime
    attempts: int
    uuid: str | None = None
    values: dict[str, Value] | None = None
    link: LinkFacts | None = None
    is_announced: bool = False
    apart: frozenset[str] = frozenset()
    survivor_id: str | None = None
    moving: dict[str, Any] | None = None

    @property
    def company_id(self) -> int | None:
        """The contact's company here."""
        number = (self.values or {}).get("company_id")
        return number if isinstance(number, int) else None


def add(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    record_ids: Sequence[int],
    *,
    run_id: int,
    now: datetime,
) -> None:
    """Have these records' objects looked at, in the transaction that announces them."""
    table: Any = CreationCheck.__table__
    rows = [
        (connection_id, object_type, record_id, run_id, now, now + CHECKED_AFTER, 0, None, None)
        for record_id in record_ids
    ]
    replace_rows(session, table, _COLUMNS, _COLUMNS[:3], rows)


def connections_with_due(session: Session, now: datetime) -> list[int]:
    """The usable connections where something is to be looked at, and whose automatic sync is not paused."""
    query = (
        select(CreationCheck.connection_id, Connection.automatic)
        .join(Connection, Connection.id == CreationCheck.connection_id)
        .where(Connection.state == CONNECTED, *_is_due(now))
        .distinct()
    )
    return [number for number, switches in session.execute(query) if not is_on(switches, "paused")]


def due(
    session: Session, connection_id: int, object_type: ObjectType, now: datetime, limit: int
) -> list[Subject]:
    """The next creates to look at, the oldest first."""
    query = select(CreationCheck).where(
        CreationCheck.connection_id == connection_id,
        CreationCheck.object_type == object_type,
        *_is_due(now),
    )
    rows = list(session.scalars(query.order_by(CreationCheck.id).limit(limit)))
    return _with_records(session, connection_id, object_type, rows)


def _is_due(now: datetime) -> tuple[Any, ...]:
    """What a push made may be found once the search has had time after its end, since it makes more."""
    is_too_early = select(Run.id).where(
        Run.id == CreationCheck.run_id,
        or_(Run.state.in_(OPEN_STATES), Run.finished_at > now - CHECKED_AFTER),
    )
    return CreationCheck.not_before <= now, ~is_too_early.exists()


def _with_records(
    session: Session, connection_id: int, object_type: ObjectType, rows: Sequence[CreationCheck]
) -> list[Subject]:
    table: Any = TABLES[object_type]
    ids = [row.record_id for row in rows]
    records = {one.id: one for one in session.scalars(select(table).where(among(session, table.id, ids)))}
    links = {one.record_id: one for one in rows_about(session, Link, connection_id, object_type, ids)}
    announced = {
        one.record_id for one in rows_about(session, AnnouncedCreate, connection_id, object_type, ids)
    }
    apart: dict[int, frozenset[str]] = {}
    for one in rows_about(session, KeptApart, connection_id, object_type, ids):
        apart[one.record_id] = apart.get(one.record_id, frozenset()) | {one.remote_id}
    return [
        Subject(
            id=row.id,
            record_id=row.record_id,
            run_id=row.run_id,
            announced_at=row.announced_at,
            attempts=row.attempts,
            uuid=records[row.record_id].uuid if row.record_id in records else None,
            values=values_of(object_type, records[row.record_id]) if row.record_id in records else None,
            link=_facts(links[row.record_id]) if row.record_id in links else None,
            is_announced=row.record_id in announced,
            apart=apart.get(row.record_id, frozenset()),
            survivor_id=row.survivor_id,
            moving=row.moving,
        )
        for row in rows
    ]


def _facts(link: Link) -> LinkFacts:
    return LinkFacts(
        *(link.id, link.record_id, link.remote_id, link.state, link.local_seen, link.remote_seen),
        link.remote_updated_at,
    )


def linked_records(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str]
) -> dict[str, int]:
    """The records here that these objects are linked to, in whatever state."""
    query = select(Link.remote_id, Link.record_id).where(
        and_(Link.connection_id == connection_id, Link.object_type == object_type),
        among(session, Link.remote_id, list(remote_ids)),
    )
    return {row.remote_id: row.record_id for row in session.execute(query)}


def announce_joins(
    session: Session, connection_id: int, object_type: ObjectType, joins: Sequence[Subject], now: datetime
) -> None:
    """Write down which objects take the place of ours, and what moves along, before any of it is done."""
    outdate(session, connection_id, object_type, joins, now)
    for one in joins:
        _change(session, one.id, survivor_id=str(one.survivor_id), moving=one.moving)


def outdate(
    session: Session, connection_id: int, object_type: ObjectType, joins: Sequence[Subject], now: datetime
) -> None:
    """No read that began before is applied to either object of these joins any more."""
    of_type = (connection_id, object_type)
    generation = generations.raise_for(session, *of_type, [one.record_id for one in joins])
    if generation is not None:
        objects = {str(one.survivor_id) for one in joins}
        objects |= {str(one.moving["object_id"]) for one in joins if one.moving}
        generations.record_unlinked(session, *of_type, objects, generation=generation, now=now)


def postpone(session: Session, subject: Subject, not_before: datetime) -> None:
    """Look again later."""
    _change(session, subject.id, not_before=not_before, attempts=subject.attempts + 1)


def _change(session: Session, check_id: int, **values: Any) -> None:
    session.execute(
        update(CreationCheck)
        .where(CreationCheck.id == check_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, check_ids: Sequence[int]) -> None:
    """These have their verdict."""
    if check_ids:
        session.execute(
            delete(CreationCheck)
            .where(among(session, CreationCheck.id, list(check_ids)))
            .execution_options(synchronize_session=False)
        )
