"""The generations of our writes to HubSpot, which show whether a read is older than a write.

A portal has one counter. Every write raises it twice, and stamps the links of its objects each time: in the
transaction that announces the call, before it leaves, and in the one that writes the answer down. Who reads
takes the counter's value before the request; the transaction that applies what was read finds every object
with a later stamp out of date. The counter's row stays locked until the commit, so that a value that can be
read has all stamps up to it beside it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.models import Link, UnlinkedWrite, WriteGeneration
from webapp.store.database.bulk import insert_missing_rows, replace_rows, update_rows
from webapp.store.database.lists import among, dialect_of, listed, parameter

_UNLINKED = ("connection_id", "object_type", "remote_id", "generation", "written_at")


def current(session: Session, connection_id: int) -> int:
    """The generation of a read that begins after this."""
    query = select(WriteGeneration.generation).where(WriteGeneration.connection_id == connection_id)
    return session.scalar(query) or 0


def _held(session: Session, connection_id: int) -> int:
    """The generation, which nobody else raises until the commit."""
    query = select(WriteGeneration.generation).where(WriteGeneration.connection_id == connection_id)
    found = session.scalar(query.with_for_update())
    if found is None:
        # Two that write to a new portal for the first time.
        table: Any = WriteGeneration.__table__
        insert_missing_rows(session, table, ("connection_id", "generation"), [(connection_id, 0)])
        found = session.scalar(query.with_for_update())
    return found or 0


def raise_generation(session: Session, connection_id: int) -> int:
    """Begin a new generation: before any link is locked, so that no two transactions wait for each other."""
    table: Any = WriteGeneration.__table__
    insert = (sqlite if dialect_of(session) == "sqlite" else postgresql).insert(table)
    statement = insert.values(connection_id=connection_id, generation=1).on_conflict_do_update(
        index_elements=["connection_id"], set_={"generation": table.c.generation + 1}
    )
    generation: int = session.execute(statement.returning(table.c.generation)).scalar_one()
    return generation


def stamp(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Iterable[int], generation: int
) -> None:
    """The objects of these records are written to in this generation."""
    if not (ids := sorted(set(record_ids))):
        return
    of_records = (
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        among(session, Link.record_id, ids),
    )
    if dialect_of(session) == "sqlite":
        statement = update(Link).where(*of_records).values(generation=generation)
        session.execute(statement.execution_options(synchronize_session=False))
        return
    # Others lock links in the order of their numbers as well.
    query = select(Link.id).where(*of_records)
    table: Any = Link.__table__
    update_rows(
        session, table, ("generation",), [(generation, one) for one in sorted(session.scalars(query))]
    )


def raise_for(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> int | None:
    """Begin a new generation in which the objects of these records are written to; None if there are none."""
    if not record_ids:
        return None
    generation = raise_generation(session, connection_id)
    stamp(session, connection_id, object_type, record_ids, generation)
    return generation


def record_unlinked(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    remote_ids: Iterable[str],
    *,
    generation: int,
    now: datetime,
) -> None:
    """These objects, which have no link or lose it, are written to or archived in this generation."""
    rows = [(connection_id, object_type, one, generation, now) for one in sorted(set(remote_ids))]
    table: Any = UnlinkedWrite.__table__
    replace_rows(session, table, _UNLINKED, _UNLINKED[:3], rows)


def unlinked_since(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str], since: int
) -> dict[str, int]:
    """The objects that were written to without a link, or lost their link, after a generation."""
    dialect = dialect_of(session)
    of_type = {"connection_id": connection_id, "object_type": object_type}
    given = {**of_type, "remote_ids": parameter(dialect, remote_ids), "since": since}
    return dict(session.execute(_unlinked_since(dialect), given).all())


@cache
def _unlinked_since(dialect: str) -> Select[str, int]:
    table: Any = UnlinkedWrite.__table__
    return select(table.c.remote_id, table.c.generation).where(
        table.c.connection_id == bindparam("connection_id"),
        table.c.object_type == bindparam("object_type"),
        listed(dialect, table.c.remote_id, "remote_ids"),
        table.c.generation > bindparam("since"),
    )


def has_written_since(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    *,
    record_ids: Sequence[int],
    remote_ids: Sequence[str],
    since: int,
) -> bool:
    """Whether any run wrote to any of these records or objects after a generation.

    Until the commit nobody else announces a write: of two that are about to write to one object the second
    finds the announcement of the first.
    """
    if _held(session, connection_id) == since:
        return False
    # Two look-ups of one column each: with both in one condition SQLite reads every link of the portal.
    for column, ids in ((Link.record_id, record_ids), (Link.remote_id, remote_ids)):
        query = select(Link.id).where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, column, ids),
            Link.generation > since,
        )
        if session.scalars(query.limit(1)).first() is not None:
            return True
    return bool(unlinked_since(session, connection_id, object_type, remote_ids, since))


def written_since(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: Sequence[str], since: int
) -> set[str]:
    """The objects that we wrote to, or linked, after a generation: what a read before proves of them is old.

    Until the commit nobody else writes to any.
    """
    if _held(session, connection_id) == since:
        return set()
    linked = select(Link.remote_id).where(
        Link.connection_id == connection_id,
        Link.object_type == object_type,
        among(session, Link.remote_id, remote_ids),
        Link.generation > since,
    )
    return {
        *session.scalars(linked),
        *unlinked_since(session, connection_id, object_type, remote_ids, since),
    }


def forget_unlinked(session: Session, before: datetime) -> None:
    """Forget what happened before a moment; no read of that time waits any more."""
    statement = delete(UnlinkedWrite).where(UnlinkedWrite.written_at < before)
    session.execute(statement.execution_options(synchronize_session=False))
