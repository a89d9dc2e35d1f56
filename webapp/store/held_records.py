"""Records here that a push could not send without guessing, and what people decide about them."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from webapp.domain.fields import ObjectType
from webapp.models import HeldRecord

__all__ = ["HeldRecord", "decide", "get"]


def get(session: Session, connection_id: int, object_type: ObjectType, record_id: int) -> HeldRecord | None:
    """Why a record waits, if it does."""
    query = select(HeldRecord).where(
        HeldRecord.connection_id == connection_id,
        HeldRecord.object_type == object_type,
        HeldRecord.record_id == record_id,
    )
    return session.scalars(query).first()


def decide(
    session: Session,
    connection_id: int,
    object_type: ObjectType,
    record_id: int,
    *,
    decision: dict[str, Any],
    user_id: int | None,
) -> None:
    """Keep what a person said; the next push of the record obeys it."""
    session.execute(
        update(HeldRecord)
        .where(
            HeldRecord.connection_id == connection_id,
            HeldRecord.object_type == object_type,
            HeldRecord.record_id == record_id,
        )
        .values(decision=decision, decided_by_id=user_id)
        .execution_options(synchronize_session=False)
    )
