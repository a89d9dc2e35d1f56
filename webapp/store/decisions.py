"""What people decided about objects that were held or left out."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.models import KeptApart, Link
from webapp.models import RemoteObject as RemoteObject  # noqa: PLC0414 - the layers above name the type from here


def get(session: Session, remote_object_id: int) -> RemoteObject | None:
    """One object that was seen and not linked, read afresh."""
    return session.get(RemoteObject, remote_object_id, populate_existing=True)


def decide(
    session: Session, remote_object_id: int, decision: dict[str, Any], user_id: int | None, *, state: str
) -> bool:
    """Keep a decision; False when the object is in none of the states that wait for one any more."""
    statement = (
        update(RemoteObject)
        .where(RemoteObject.id == remote_object_id, RemoteObject.state.in_(("held", "skipped", "unlinked")))
        .values(decision=decision or None, decided_by_id=user_id, state=state)
        .returning(RemoteObject.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none() is not None


def keep_apart(
    session: Session, found: RemoteObject, record_ids: list[int], user_id: int | None, now: datetime
) -> None:
    """Remember who this object is not, so that nobody is asked again."""
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


def forget(session: Session, remote_object_id: int) -> None:
    """The object is gone; nothing is left to decide."""
    session.execute(delete(RemoteObject).where(RemoteObject.id == remote_object_id))


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


def undone(session: Session, limit: int = 100) -> list[int]:
    """Decisions that were stored and not yet carried out."""
    query = select(RemoteObject.id).where(RemoteObject.decision.is_not(None)).order_by(RemoteObject.id)
    return list(session.scalars(query.limit(limit)))
