"""Sync rules, between their table and the domain's plain values."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.fields import ObjectType
from webapp.domain.rules import EVERYTHING, Rule
from webapp.models import SyncRule


def load(session: Session, connection_id: int, object_type: ObjectType, direction: str) -> Rule:
    """What `in` or `out` admits of an object type; everything where nothing is configured."""
    condition = session.scalar(
        select(SyncRule.condition).where(
            SyncRule.connection_id == connection_id,
            SyncRule.object_type == object_type,
            SyncRule.direction == direction,
        )
    )
    return msgspec.convert(condition, Rule) if condition else EVERYTHING
