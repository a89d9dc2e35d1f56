"""The outbox: which linked records were edited here since they were last sent.

Every edit gives its row a new random version. Who has sent or overwritten a record ends the version that was
read together with the values, and no other: an edit made meanwhile stays, whatever the machines' clocks say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from webapp.domain.connection.automatic import is_on, pushed_types
from webapp.domain.links.base import COMPANY, Base
from webapp.domain.push.outgoing import has_edits
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.outcomes import PASSING
from webapp.models import Connection, Contact, FailingRecord, Link, OutboxRecord, Run
from webapp.store.connection.connections import CONNECTED, DISCONNECTED
from webapp.store.database.bulk import replace_rows
from webapp.store.database.lists import among, dialect_of, listed, parameter
from webapp.store.links.every_connection import in_every_connection
from webapp.store.mapping import mappings
from webapp.store.records.records import TABLES, values_of

_COLUMNS = ("connection_id", "object_type", "record_id", "edited_at", "version", "pushed_by_run_id")
_TABLE: Any = OutboxRecord.__table__
_IS_RECORD = (
    _TABLE.c.connection_id == bindparam("is_of"),
    _TABLE.c.object_type == bindparam("is_a"),
    _TABLE.c.record_id == bindparam("is_record"),
)
_IS_VERSION = (*_IS_RECORD, _TABLE.c.version == bindparam("is_version"))


def add(session: Session, object_type: ObjectType, record_ids: list[int], now: datetime) -> list[int]:
    """Keep in the transaction of an edit that it is to be sent.

    A portal that is disconnected gets it once it is connected again: its links are kept. Records that are not
    linked are kept for connections that create new ones automatically.

    Returns:
        Of the connections concerned those that are not disconnected.
    """
    query = select(Link.connection_id, Link.record_id).where(
        in_every_connection(object_type),
        Link.state == "linked",
        among(session, Link.record_id, record_ids),
    )
    targets = {(row.connection_id, row.record_id) for row in session.execute(query)}
    known = session.execute(select(Connection.id, Connection.state, Connection.automatic)).all()
    creating = [row.id for row in known if is_on(row.automatic, "create")]
    targets |= {(number, record_id) for number in creating for record_id in record_ids}
    rows = [(number, object_type, record_id, now, uuid4().hex, None) for number, record_id in sorted(targets)]
    replace_rows(session, _TABLE, _COLUMNS, _COLUMNS[:3], rows)
    concerned = {number for number, _ in targets}
    return sorted(row.id for row in known if row.id in concerned and row.state != DISCONNECTED)


def add_edited(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int], now: datetime
) -> None:
    """Note that records are to be sent which have just been linked, as far as they were edited before.

    While a record has no working link nothing is noted of its edits: its values differ from the base.
    """
    if not record_ids:
        return
    table: Any = TABLES[object_type]
    mapping = mappings.load(session, connection_id, object_type)
    query = (
        select(table, Link.local_seen, Link.remote_seen)
        .join(Link, Link.record_id == table.id)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            Link.state == "linked",
            among(session, table.id, sorted(record_ids)),
        )
        .order_by(table.id)
        .execution_options(populate_existing=True)
    )
    edited = [
        record.id
        for record, *seen in session.execute(query)
        if has_edits(values_of(object_type, record), mapping, Base(*seen))
    ]
    rows = [(connection_id, object_type, number, now, uuid4().hex, None) for number in edited]
    replace_rows(session, _TABLE, _COLUMNS, _COLUMNS[:3], rows)


def add_contacts_of(session: Session, company_ids: Sequence[int], now: datetime) -> None:
    """Note that contacts are to be sent which were moved here to companies that have an object only now.

    As long as a company had none, there was nothing to associate its contacts with.
    """
    if not company_ids:
        return
    company_link = aliased(Link)
    query = (
        select(Link.connection_id, Link.record_id, Link.local_seen, Contact.company_id)
        .join(Contact, Contact.id == Link.record_id)
        .join(company_link, company_link.record_id == Contact.company_id)
        .where(
            *(Link.object_type == "contacts", Link.state == "linked"),
            *(company_link.object_type == "companies", company_link.state == "linked"),
            company_link.connection_id == Link.connection_id,
            in_every_connection("contacts"),
            among(session, Contact.company_id, sorted(company_ids)),
        )
    )
    moved = sorted(
        (connection_id, record_id)
        for connection_id, record_id, local_seen, company_id in session.execute(query)
        if local_seen.get(COMPANY) != company_id
    )
    rows = [(connection_id, "contacts", number, now, uuid4().hex, None) for connection_id, number in moved]
    replace_rows(session, _TABLE, _COLUMNS, _COLUMNS[:3], rows)


def count(session: Session, connection_id: int) -> int:
    """How many records were edited since they were last sent."""
    query = select(func.count()).where(OutboxRecord.connection_id == connection_id)
    return session.scalar(query.select_from(OutboxRecord)) or 0


def connections_with_due(session: Session, now: datetime) -> list[int]:
    """The usable connections whose first pull has finished, and whose edits are to be sent automatically."""
    query = (
        select(OutboxRecord.connection_id, OutboxRecord.object_type, Connection.automatic)
        .join(Connection, Connection.id == OutboxRecord.connection_id)
        .where(Connection.state == CONNECTED, Connection.first_pull_finished_at.is_not(None), is_due(now))
        .distinct()
    )
    found = session.execute(query).all()
    return sorted({number for number, kind, switches in found if kind in pushed_types(switches)})


def is_due(now: datetime) -> ColumnElement[bool]:
    """Whether an edit is to be sent: what failed and may pass is sent again by the run of another hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    was_tried = exists().where(Run.id == _TABLE.c.pushed_by_run_id, Run.created_at >= hour)
    return ~(was_tried & _may_pass())


def unsent_of(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: list[int]
) -> dict[int, str]:
    """Which of these records were edited since they were last sent, each with its version."""
    if not record_ids:
        return {}
    dialect = dialect_of(session)
    given = {"is_of": connection_id, "is_a": object_type, "record_ids": parameter(dialect, record_ids)}
    return dict(session.execute(_unsent(dialect), given).all())


@cache
def _unsent(dialect: str) -> Select[int, str]:
    is_of_type = _TABLE.c.connection_id == bindparam("is_of"), _TABLE.c.object_type == bindparam("is_a")
    is_listed = listed(dialect, _TABLE.c.record_id, "record_ids")
    return select(_TABLE.c.record_id, _TABLE.c.version).where(*is_of_type, is_listed)


def unsent_objects(
    session: Session, connection_id: int, object_type: ObjectType, remote_ids: list[str]
) -> list[str]:
    """Those of these objects whose record was edited here since it was last sent, or may have been.

    It may where the link did not work until now, or where a contact has another company here than
    after the last sync: no push could send one without object.
    """
    of_link = and_(
        OutboxRecord.connection_id == Link.connection_id,
        OutboxRecord.object_type == Link.object_type,
        OutboxRecord.record_id == Link.record_id,
    )
    query = (
        select(Link.remote_id)
        .outerjoin(OutboxRecord, of_link)
        .where(
            Link.connection_id == connection_id,
            Link.object_type == object_type,
            among(session, Link.remote_id, remote_ids),
            or_(OutboxRecord.version.is_not(None), Link.state != "linked", _has_moved()),
        )
    )
    return list(session.scalars(query.order_by(Link.remote_id))) if remote_ids else []


def _has_moved() -> ColumnElement[bool]:
    """Whether a link's record is a contact with another company here than after the last sync."""
    seen = Link.local_seen[COMPANY].as_integer()
    is_contact = and_(Link.object_type == "contacts", Contact.id == Link.record_id)
    return exists().where(is_contact, seen.is_not(None), seen != Contact.company_id)


def forget(session: Session, connection_id: int, object_type: ObjectType, record_id: int) -> None:
    """Remove a record from the outbox, whatever was edited."""
    key: dict[str, Any] = {"is_of": connection_id, "is_a": object_type, "is_record": record_id}
    session.execute(delete(_TABLE).where(*_IS_RECORD), key)


def forget_all(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> None:
    """Remove records from the outbox, whatever was edited."""
    of_type = (_TABLE.c.connection_id == connection_id, _TABLE.c.object_type == object_type)
    session.execute(delete(_TABLE).where(*of_type, among(session, _TABLE.c.record_id, list(record_ids))))


def forget_read(
    session: Session, connection_id: int, object_type: ObjectType, read: Mapping[int, str]
) -> None:
    """These records have nothing to send, unless they were edited since these versions were read."""
    if read:
        session.execute(delete(_TABLE).where(*_IS_VERSION), _keys(connection_id, object_type, read))


def mark_pushed(
    session: Session, connection_id: int, object_type: ObjectType, run_id: int, read: Mapping[int, str]
) -> None:
    """Mark the versions of these records that a push has been through.

    Their rows stay until it ends: they show which companies it still has to look at.
    """
    if read:
        marked = update(_TABLE).where(*_IS_VERSION).values(pushed_by_run_id=run_id)
        session.execute(marked, _keys(connection_id, object_type, read))


def keep_for_later(
    session: Session, run: Run, object_type: ObjectType, record_ids: Sequence[int], now: datetime
) -> None:
    """Have records sent again in another hour which a push could not send, whoever began it."""
    if not record_ids:
        return
    waiting = unsent_of(session, run.connection_id, object_type, list(record_ids))
    rows = [
        (run.connection_id, object_type, number, now, uuid4().hex, run.id)
        for number in sorted(set(record_ids) - set(waiting))
    ]
    replace_rows(session, _TABLE, _COLUMNS, _COLUMNS[:3], rows)


def forget_pushed(
    session: Session, connection_id: int, run_id: int, object_types: Sequence[ObjectType]
) -> None:
    """End the versions that a push has been through, unless they were edited since.

    What failed for a cause that may pass stays. The rows of records that are not here any more go as well,
    else nothing would ever send them.
    """
    session.execute(
        delete(_TABLE).where(
            _TABLE.c.connection_id == connection_id,
            _TABLE.c.object_type.in_(object_types),
            or_(and_(_TABLE.c.pushed_by_run_id == run_id, ~_may_pass()), _is_orphan()),
        )
    )


def _may_pass() -> ColumnElement[bool]:
    """Whether the last push of a row's record failed for a cause that may pass by itself."""
    return exists().where(
        FailingRecord.connection_id == _TABLE.c.connection_id,
        FailingRecord.object_type == _TABLE.c.object_type,
        FailingRecord.record_id == _TABLE.c.record_id,
        FailingRecord.direction == "out",
        FailingRecord.reason.in_(PASSING),
    )


def _is_orphan() -> ColumnElement[bool]:
    """Whether a row's record is not here any more."""
    tables: dict[ObjectType, Any] = dict(TABLES)
    return and_(
        *(
            or_(_TABLE.c.object_type != kind, ~exists().where(table.id == _TABLE.c.record_id))
            for kind, table in tables.items()
        )
    )


def _keys(connection_id: int, object_type: ObjectType, read: Mapping[int, str]) -> list[dict[str, Any]]:
    """The rows of these versions, in the order in which edits lock them on PostgreSQL too."""
    return [
        {"is_of": connection_id, "is_a": object_type, "is_record": record_id, "is_version": version}
        for record_id, version in sorted(read.items())
    ]
