"""The questions that held objects ask about records here: which are open, and which are to be asked again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, literal_column, select, update
from sqlalchemy.orm import Session

from webapp.domain.pull.unlinked import UNDECIDED
from webapp.domain.push.facts import Question
from webapp.domain.push.holding import IN_QUESTION, OF_SKIPPED
from webapp.domain.records.fields import ObjectType
from webapp.models import Connection, HeldCandidate, HeldRecord, RemoteObject
from webapp.store.database.bulk import insert_missing_rows
from webapp.store.database.lists import among, unindexed
from webapp.store.webhooks import inbox

UNANSWERED = ("held", UNDECIDED, "skipped")
"""In these states an object may still be one of the records that it asked about."""

_COLUMNS = ("connection_id", "object_type", "remote_id", "record_id")
_IS_OF_OBJECT = and_(
    HeldCandidate.connection_id == RemoteObject.connection_id,
    HeldCandidate.object_type == RemoteObject.object_type,
    HeldCandidate.remote_id == RemoteObject.remote_id,
)


def write(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    held: Mapping[str, Iterable[int]],
    closed: Sequence[str] = (),
) -> None:
    """Keep which records held objects ask about, and forget what others asked until now.

    Args:
        session: The transaction that holds the objects.
        connection_id: Whose objects.
        object_type: Companies or contacts.
        held: By object, the records in question.
        closed: Further objects that were known and are not held any more.
    """
    candidates = {record_id for some in held.values() for record_id in some}
    _close(session, connection_id, object_type, sorted({*held, *closed}), but=candidates)
    if held or closed:
        known = _of_objects(session, connection_id, object_type, sorted({*held, *closed}))
        session.execute(delete(HeldCandidate).where(*known).execution_options(synchronize_session=False))
    rows = [(connection_id, object_type, one, record_id) for one, some in held.items() for record_id in some]
    table: Any = HeldCandidate.__table__
    insert_missing_rows(session, table, _COLUMNS, rows)


def _close(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    remote_ids: Sequence[str],
    but: Collection[int],
) -> None:
    """Records that pushes left because of these objects no longer wait for a person, but for some."""
    if not remote_ids:
        return
    waiting = _left_for(session, connection_id, object_type, remote_ids, (IN_QUESTION, OF_SKIPPED))
    if but:
        waiting = (*waiting, ~among(session, HeldRecord.record_id, sorted(but)))
    session.execute(delete(HeldRecord).where(*waiting).execution_options(synchronize_session=False))


def skipped(session: Session, connection_id: int, object_type: str, remote_id: str) -> None:
    """A person skipped an object: the records that it may be ask for themselves, unless another one asks."""
    other = exists().where(
        _IS_OF_OBJECT,
        HeldCandidate.connection_id == connection_id,
        HeldCandidate.object_type == object_type,
        HeldCandidate.record_id == HeldRecord.record_id,
        RemoteObject.state == "held",
    )
    waiting = _left_for(session, connection_id, object_type, [remote_id], (IN_QUESTION,))
    _name(session, (*waiting, ~other), OF_SKIPPED)


def held_again(session: Session, connection_id: int, object_type: str, remote_id: str) -> None:
    """An object that was skipped waits for a person again, and asks for the records that it may be."""
    _name(session, _left_for(session, connection_id, object_type, [remote_id], (OF_SKIPPED,)), IN_QUESTION)


def _name(session: Session, waiting: tuple[ColumnElement[bool], ...], reason: str) -> None:
    statement = update(HeldRecord).where(*waiting).values(reason=reason)
    session.execute(statement.execution_options(synchronize_session=False))


def _left_for(
    session: Session,
    connection_id: int,
    object_type: str,
    remote_ids: Sequence[str],
    reasons: Sequence[str],
) -> tuple[ColumnElement[bool], ...]:
    """The records that pushes left for these reasons because of these objects."""
    known = _of_objects(session, connection_id, object_type, remote_ids)
    return (
        HeldRecord.connection_id == connection_id,
        HeldRecord.object_type == object_type,
        HeldRecord.reason.in_(reasons),
        HeldRecord.record_id.in_(select(HeldCandidate.record_id).where(*known)),
    )


def _of_objects(
    session: Session, connection_id: int, object_type: str, remote_ids: Sequence[str]
) -> tuple[ColumnElement[bool], ...]:
    return (
        HeldCandidate.connection_id == connection_id,
        HeldCandidate.object_type == object_type,
        among(session, HeldCandidate.remote_id, remote_ids),
    )


def open_about(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> dict[int, tuple[Question, ...]]:
    """The held objects that these records are candidates of, by record; also those that a person has skipped.

    To leave an object out says nothing about whether the record is the same.
    """
    columns = (HeldCandidate.record_id, RemoteObject.remote_id, RemoteObject.display_name)
    query = (
        select(*columns, RemoteObject.properties, RemoteObject.detail, RemoteObject.state)
        .join(RemoteObject, _IS_OF_OBJECT)
        .where(
            unindexed(HeldCandidate.connection_id) == connection_id,
            HeldCandidate.object_type == object_type,
            among(session, HeldCandidate.record_id, record_ids),
            RemoteObject.state.in_(UNANSWERED),
        )
    )
    found: dict[int, tuple[Question, ...]] = {}
    rows = sorted(session.execute(query).all(), key=lambda row: (len(row.remote_id), row.remote_id))
    for record_id, remote_id, name, properties, detail, state in rows:
        kept = _evidence_about(record_id, detail)
        question = Question(
            *(remote_id, name, properties, tuple(kept.get("evidence", ())), kept.get("points", 0)),
            is_skipped=state == "skipped",
        )
        found[record_id] = (*found.get(record_id, ()), question)
    return found


def _evidence_about(record_id: int, detail: dict[str, Any] | None) -> dict[str, Any]:
    candidates: list[dict[str, Any]] = (detail or {}).get("candidates", [])
    return next((one for one in candidates if one["record_id"] == record_id), {})


def ask_again(session: Session, object_type: ObjectType, record_ids: Iterable[int], now: datetime) -> None:
    """Have the held objects looked at again that ask about these records: they were linked, or changed."""
    ids = sorted(set(record_ids))
    if not ids:
        return
    objects = (
        select(RemoteObject.connection_id, RemoteObject.object_type, RemoteObject.remote_id)
        .join(HeldCandidate, _IS_OF_OBJECT)
        .where(
            HeldCandidate.object_type == object_type,
            among(session, HeldCandidate.record_id, ids),
            RemoteObject.state == "held",
        )
        .distinct()
    )
    inbox.add_looks(session, objects, now)


def ask_again_about(session: Session, object_type: ObjectType, keys: Iterable[str], now: datetime) -> None:
    """Have the held objects looked at again that have one of these domains or e-mail addresses.

    A record here has got it: the one that the object is, though none of those that it asks about.
    """
    column = RemoteObject.domain_key if object_type == "companies" else RemoteObject.email_key
    if not (some := sorted(set(keys))):
        return
    # The index of domains has the type in it, that of addresses has not.
    of_type = RemoteObject.object_type if object_type == "companies" else unindexed(RemoteObject.object_type)
    for connection_id in session.scalars(select(Connection.id)).all():
        objects = select(RemoteObject.connection_id, RemoteObject.object_type, RemoteObject.remote_id).where(
            RemoteObject.connection_id == connection_id,
            of_type == object_type,
            # As a literal, so that the index of what is held serves it.
            RemoteObject.state == literal_column("'held'"),
            column.is_not(None),
            among(session, column, some),
        )
        inbox.add_looks(session, objects, now)


def forget_held(
    session: Session, connection_id: int, object_type: ObjectType, record_ids: Sequence[int]
) -> None:
    """These records are linked now: nothing about them waits for a person."""
    if record_ids:
        session.execute(
            delete(HeldRecord)
            .where(
                HeldRecord.connection_id == connection_id,
                HeldRecord.object_type == object_type,
                among(session, HeldRecord.record_id, record_ids),
            )
            .execution_options(synchronize_session=False)
        )
