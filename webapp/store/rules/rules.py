"""Sync rules, between their table and the domain's plain values."""

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import ObjectType
from webapp.domain.rules.rule import EVERYTHING, Rule
from webapp.models import SyncRule


def load(session: Session, connection_id: int, object_type: ObjectType, direction: str) -> Rule:
    """The rule of an object type for `in` or `out`; without one everything is admitted."""
    condition = session.scalar(
        select(SyncRule.condition).where(
            SyncRule.connection_id == connection_id,
            SyncRule.object_type == object_type,
            SyncRule.direction == direction,
        )
    )
    return msgspec.convert(condition, Rule) if condition else EVERYTHING


def save(session: Session, connection_id: int, object_type: ObjectType, direction: str, rule: Rule) -> None:
    """Put a rule in the place of the one before."""
    session.execute(
        delete(SyncRule)
        .where(
            SyncRule.connection_id == connection_id,
            SyncRule.object_type == object_type,
            SyncRule.direction == direction,
        )
        .execution_options(synchronize_session=False)
    )
    if rule == EVERYTHING:
        return
    condition = msgspec.to_builtins(rule)
    session.add(
        SyncRule(
            connection_id=connection_id, object_type=object_type, direction=direction, condition=condition
        )
    )
