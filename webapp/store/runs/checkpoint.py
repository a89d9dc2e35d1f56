"""A run's row, locked and moved on: no slice that has been replaced can write."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import CursorResult, Update, and_, bindparam, select
from sqlalchemy.orm import Session

from webapp.errors import FencedOffError
from webapp.models import Run
from webapp.store.connection.usage import Usage, add_usage

_RUN_TO_LOCK = select(Run).where(Run.id == bindparam("run_id")).with_for_update()


_HOLDERS = select(Run.id).where(
    Run.id == bindparam("run_id"), Run.fence == bindparam("run_fence"), Run.state == "running"
)


class Checkpoint(Struct):
    """The position of a run, and the calls that it has used since the last one."""

    position: dict[str, Any]
    usage: Usage = Usage(0, 0)


def holds_run(session: Session, run_id: int, fence: int) -> bool:
    """Whether no newer slice works on a run, and it has not ended; asked before every write to HubSpot."""
    return session.execute(_HOLDERS, {"run_id": run_id, "run_fence": fence}).first() is not None


def lock_run(session: Session, run_id: int, fence: int) -> Run:
    """The run, locked until the commit.

    Raises:
        FencedOffError: a newer slice works on it, or it ended.
    """
    run = session.scalars(_RUN_TO_LOCK, {"run_id": run_id}).one_or_none()
    if run is None or run.fence != fence or run.state != "running":
        raise FencedOffError(f"run {run_id} is not at fence {fence}")
    return run


def write_checkpoint(
    session: Session, run: Run, checkpoint: Checkpoint, now: datetime, **values: Any
) -> None:
    """Move a run on, and count its calls for the run and the day."""
    values |= {
        "checkpoint": checkpoint.position,
        "api_calls": run.api_calls + checkpoint.usage.calls,
        "touched_at": now,
        "attempts": 0,
        "waiting_for": None,
        "waiting_since": None,
        "error_text": None,
    }
    statement = _checkpoint_statement(tuple(values))
    result = session.execute(statement, {"run_id": run.id, "run_fence": run.fence, **values})
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise FencedOffError(f"run {run.id} is not at fence {run.fence}")
    add_usage(session, run.connection_id, now.astimezone(UTC).date(), checkpoint.usage)


@cache
def _checkpoint_statement(columns: tuple[str, ...]) -> Update:
    table: Any = Run.__table__
    is_current = and_(
        table.c.id == bindparam("run_id"), table.c.fence == bindparam("run_fence"), table.c.state == "running"
    )
    return table.update().where(is_current).values({name: bindparam(name) for name in columns})  # type: ignore[no-any-return]
