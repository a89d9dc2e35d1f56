"""The hour's automatic run of a kind: begun, begun again within its hour, or left to work."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from webapp.domain.runs import kinds
from webapp.domain.runs.hourly import Latest, hourly_step
from webapp.domain.runs.options import RunOptions, as_data
from webapp.models import Run
from webapp.store.connection import connections
from webapp.store.database.one_row import changed_one
from webapp.store.runs import runs
from webapp.store.runs.runs import NewRun


def begin(
    session: Session,
    *,
    connection_id: int,
    kind: str,
    now: datetime,
    options: RunOptions | None = None,
) -> tuple[int, int] | None:
    """Begin the hour's automatic run, or begin it again; its number and fence. None when it works already."""
    trigger = kinds.kind_of(kind).hourly_trigger
    if trigger is None:
        raise ValueError(f"no {kind} begins without a person")
    connections.take_turn(session, connection_id)
    latest = session.scalars(
        select(Run)
        .where(Run.connection_id == connection_id, Run.kind == kind, Run.trigger == trigger)
        .order_by(Run.id.desc())
        .limit(1)
    ).first()
    step = hourly_step(Latest(latest.state, latest.created_at) if latest else None, now)
    if step == "leave":
        return None
    if step == "again" and latest is not None:
        return _begin_again(session, latest, now, options)
    new = NewRun(connection_id=connection_id, kind=kind, trigger=trigger, options=options)
    return runs.add_begun(session, new, now), 0


def _begin_again(
    session: Session, ended: Run, now: datetime, options: RunOptions | None
) -> tuple[int, int] | None:
    runs.check_fit(ended.kind, options)
    values: dict[str, Any] = {"state": "running", "finished_at": None, "touched_at": now}
    values |= {"fence": Run.fence + 1, "checkpoint": {}}
    values |= {"options": as_data(options) if options is not None else {}}
    values |= {"attempts": 0, "waiting_since": None, "error": None, "error_text": None}
    if ended.approval == runs.GIVEN:
        # The approval covers the changes so far, not the later ones of the hour.
        values |= {"approval": None, "allowed_seq": Run.last_seq}
    is_open = changed_one(session, Run, and_(Run.id == ended.id, Run.state == ended.state), values)
    return (ended.id, ended.fence + 1) if is_open else None
