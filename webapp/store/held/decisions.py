"""Decisions about objects that were held or left out."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from webapp.models import Connection, KeptApart, Link
from webapp.models import RemoteObject as RemoteObject  # noqa: PLC0414 - the layers above name the type from here
from webapp.store.connection.connections import CONNECTED

HELD_REASONS = (
    *("several_candidates", "doubtful_match", "email_of_another", "key_of_another", "may_be_successor"),
    # Written by earlier versions.
    "already_linked",
)

STATES = ("held", "waiting", "skipped", "unlinked", "excluded", "ignored")
"""In these states an object waits for a decision, or may be decided about again."""


def get(session: Session, remote_object_id: int) -> RemoteObject | None:
    """One object that was seen and not linked, read afresh."""
    return session.get(RemoteObject, remote_object_id, populate_existing=True)


def decide(
    session: Session,
    remote_object_id: int,
    decision: dict[str, Any],
    user_id: int | None,
    *,
    state: str,
    among: Collection[str] = STATES,
) -> bool:
    """Keep a decision and give the object this state; False when it is in none of `among` any more.

    The first decision counts until it was carried out or taken back: whoever made it was told of it.
    """
    statement = (
        update(RemoteObject)
        .where(
            RemoteObject.id == remote_object_id,
            RemoteObject.state.in_(among),
            RemoteObject.decision.is_(None),
        )
        .values(decision=decision or None, decided_by_id=user_id, state=state)
        .returning(RemoteObject.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none() is not None


def keep_apart(
    session: Session, found: RemoteObject, record_ids: list[int], user_id: int | None, now: datetime
) -> None:
    """Remember which records this object is not, so that no run holds it for them again."""
    for record_id in record_ids:
        session.merge(
            KeptApart(
                connection_id=found.connection_id,
                object_type=found.object_type,
                remote_id=found.remote_id,
                record_id=record_id,
                decided_by_id=user_id,
                decided_at=now,
            )
        )


def forget_apart(session: Session, found: RemoteObject) -> None:
    """Forget which records this object is not."""
    forget_apart_of(session, found.connection_id, found.object_type, [found.remote_id])


def forget_apart_of(
    session: Session, connection_id: int, object_type: str, remote_ids: Collection[str]
) -> None:
    """Forget which records several objects are not."""
    session.execute(
        delete(KeptApart)
        .where(
            KeptApart.connection_id == connection_id,
            KeptApart.object_type == object_type,
            KeptApart.remote_id.in_(remote_ids),
        )
        .execution_options(synchronize_session=False)
    )


def take_back(session: Session, remote_object_id: int) -> bool:
    """An object that was held waits for a decision again; False when it is too late for that."""
    statement = (
        update(RemoteObject)
        .where(
            RemoteObject.id == remote_object_id,
            RemoteObject.reason.in_(HELD_REASONS),
            or_(RemoteObject.decision.is_not(None), RemoteObject.state == "skipped"),
        )
        .values(decision=None, decided_by_id=None, state="held")
        .returning(RemoteObject.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none() is not None


def drop(session: Session, remote_object_id: int) -> None:
    """A decision was carried out, or cannot be."""
    statement = update(RemoteObject).where(RemoteObject.id == remote_object_id).values(decision=None)
    session.execute(statement.execution_options(synchronize_session=False))


def is_linked(session: Session, connection_id: int, object_type: str, record_id: int) -> bool:
    """Whether a record has its object already."""
    query = select(Link.id).where(
        Link.connection_id == connection_id, Link.object_type == object_type, Link.record_id == record_id
    )
    return session.scalar(query) is not None


def pending(session: Session, connection_id: int, limit: int) -> list[RemoteObject]:
    """Objects whose decision was stored and not carried out, the oldest first."""
    query = select(RemoteObject).where(
        RemoteObject.connection_id == connection_id, RemoteObject.decision.is_not(None)
    )
    return list(session.scalars(query.order_by(RemoteObject.id).limit(limit)))


def connections_with_pending(session: Session) -> list[int]:
    """The usable connections with decisions that were stored and not yet carried out."""
    query = (
        select(RemoteObject.connection_id)
        .join(Connection, Connection.id == RemoteObject.connection_id)
        .where(RemoteObject.decision.is_not(None), Connection.state == CONNECTED)
        .distinct()
    )
    return list(session.scalars(query))
