"""An automatic run that would change very many records stops and asks; an administrator answers."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.runs.mass_change import is_mass_change
from webapp.errors import NeedsApprovalError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs import runs
from webapp.store.runs.mass_change import RecordKey
from webapp.store.runs.runs import Run
from webapp.usecases.runs.lifecycle import cancel, enqueue_next_slice
from webapp.usecases.runs.publish import run_changed

WAITING_FOR = "approval"
_FOR_EVER = timedelta(days=3650)
_SHOWN = 10


def check(
    session: Session,
    run: Run,
    links: int | None,
    changing: Collection[RecordKey],
    samples: Sequence[dict[str, Any]] = (),
) -> None:
    """Refuse a mass change that no person requested, before any of it is written.

    Args:
        session: The transaction that is about to change these records.
        run: The run, with what it has logged so far.
        links: How many records are linked; None where a person requested the run, or has allowed it.
        changing: The records that it is about to change.
        samples: Some of them, for the administrator who decides.

    Raises:
        NeedsApprovalError: an administrator has to allow it.
    """
    if links is None or not changing or not is_mass_change(run.last_seq + len(changing), links):
        return
    changed = len(mass_change_counts.changed_by(session, run) | set(changing))
    if is_mass_change(changed, links):
        raise NeedsApprovalError(changed, links, list(samples[:_SHOWN]))


def ask(services: Services, run_id: int, fence: int, error: NeedsApprovalError, api_calls: int) -> None:
    """Let the run wait until somebody answers."""
    question = {"changed": error.changed, "links": error.links, "samples": error.samples}
    now = datetime.now(UTC)
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        values: dict[str, Any] = {"waiting_for": WAITING_FOR, "not_before": now + _FOR_EVER}
        values |= {"touched_at": now, "approval": runs.REQUESTED, "question": question}
        values |= {"api_calls": (run.api_calls if run else 0) + api_calls}
        runs.touch(session, run_id, fence, values)
    run_changed(services, run_id)


def allow(services: Services, run_id: int) -> bool:
    """Go on with a run that asks. False when it does not ask any more."""
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        if run is None or not _asks(run):
            return False
        runs.touch(session, run_id, run.fence, {"approval": runs.GIVEN, "question": None})
        fence = run.fence
    enqueue_next_slice(services, run_id, fence)
    return True


def decline(services: Services, run_id: int) -> bool:
    """End a run that asks, and pause automatic sync: else it would ask again at once."""
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        if run is None or not _asks(run):
            return False
        connection = connections.get(session, run.connection_id)
        if connection is not None and not is_on(connection.automatic, "paused"):
            connections.set_automatic(session, connection.id, {**connection.automatic, "paused": True})
    return cancel(services, run_id)


def _asks(run: Run) -> bool:
    return run.state == "running" and run.approval == runs.REQUESTED
