"""Rules that are being tried in the background: kept, moved on, and forgotten after a day."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from webapp.models import RuleTrial

__all__ = ["RuleTrial"]

_KEPT_FOR = timedelta(days=1)


def add(session: Session, now: datetime, **values: Any) -> int:
    """Keep a new one; its number."""
    session.execute(delete(RuleTrial).where(RuleTrial.created_at < now - _KEPT_FOR))
    row = RuleTrial(created_at=now, **values)
    session.add(row)
    session.flush()
    return row.id


def get(session: Session, trial_id: int) -> RuleTrial | None:
    """One of them, read afresh."""
    return session.get(RuleTrial, trial_id, populate_existing=True)


def unfinished(session: Session, since: datetime) -> list[tuple[int, int]]:
    """Number and last counted row of those begun since then that are not counted to their end."""
    query = select(RuleTrial.id, RuleTrial.after_id).where(
        RuleTrial.is_done.is_(False), RuleTrial.created_at > since
    )
    return [(row.id, row.after_id) for row in session.execute(query.order_by(RuleTrial.id))]


def move_on(
    session: Session, trial_id: int, before: int, after_id: int, counted: dict[str, Any], *, is_done: bool
) -> bool:
    """Keep what was counted behind `before`; False where somebody else has counted that meanwhile."""
    moved = session.execute(
        update(RuleTrial)
        .where(RuleTrial.id == trial_id, RuleTrial.after_id == before, RuleTrial.is_done.is_(False))
        .values(after_id=after_id, counted=counted, is_done=is_done)
        .execution_options(synchronize_session=False)
    )
    return isinstance(moved, CursorResult) and moved.rowcount == 1
