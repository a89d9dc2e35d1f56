"""Undos that ended in the middle of a call to HubSpot, as their checkpoints say."""

from collections.abc import Mapping, Sequence
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


def lock(session: Session, run_id: int, checkpoint: Mapping[str, Any]) -> Run | None:
    """Such an undo, locked until the commit.

    None where somebody else has completed its log since its checkpoint was read, or a person has it go on.
    """
    query = select(Run).where(Run.id == run_id).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    is_as_read = run is not None and run.state not in OPEN_STATES and run.checkpoint == checkpoint
    return run if is_as_read else None


def add_to_log(run: Run, counts: dict[str, Any], last_seq: int) -> None:
    """Count what was written to its log only now."""
    run.counts, run.last_seq = counts, last_seq


def forget(run: Run, archived: Sequence[str]) -> None:
    """The log is complete: it tells of these objects, should the undo go on where it was."""
    left = {name: value for name, value in run.checkpoint.items() if name not in _PENDING}
    run.checkpoint = {**left, "archived": list(archived)}


def _is_pending(run: Run) -> bool:
    return any(run.checkpoint.get(name) for name in _PENDING)
