"""Undos that ended in the middle of a call to HubSpot, as their checkpoints say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.runs.progress import OPEN_STATES
from webapp.models import Run

_UNDO = "undo"
_PENDING = ("archiving", "associating")
# Undos are begun by people, and few are cancelled.
_MOST = 50


def undos(session: Session, connection_id: int) -> list[Run]:
    """The undos of a portal that were cancelled or failed, and may have written what their log lacks."""
    query = (
        select(Run)
        .where(
            Run.connection_id == connection_id,
            Run.kind == _UNDO,
            Run.is_preview.is_(False),
            Run.state.not_in((*OPEN_STATES, "finished")),
        )
        .order_by(Run.id.desc())
        .limit(_MOST)
    )
    return [run for run in session.scalars(query) if _is_pending(run)]


def lock(session: Session, run_id: int) -> Run | None:
    """Such an undo, locked until the commit; None where somebody else has completed its log meanwhile."""
    query = select(Run).where(Run.id == run_id).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return run if run is not None and _is_pending(run) else None


def add_to_log(run: Run, counts: dict[str, Any], last_seq: int) -> None:
    """Count what was written to its log only now."""
    run.counts, run.last_seq = counts, last_seq


def forget(run: Run) -> None:
    """The log is complete."""
    run.checkpoint = {name: value for name, value in run.checkpoint.items() if name not in _PENDING}


def _is_pending(run: Run) -> bool:
    return any(run.checkpoint.get(name) for name in _PENDING)
