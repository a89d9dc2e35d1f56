"""An automatic run that would change very many records stops and asks; an administrator answers.

The question is one of the connection and the direction, not of the run: until it is answered no other
automatic run changes anything in that direction, and the answer is for all of them. What is counted are the
changes of the last hour, whichever run made them.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.connection.automatic import is_on
from webapp.domain.runs.kinds import kind_of
from webapp.domain.runs.mass_change import is_mass_change
from webapp.errors import NeedsApprovalError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.people import audit
from webapp.store.runs import mass_change as mass_change_counts
from webapp.store.runs import runs
from webapp.store.runs.mass_change import WAITING_FOR, RecordKey
from webapp.store.runs.runs import Run
from webapp.usecases.runs.lifecycle import cancel, enqueue_next_slice
from webapp.usecases.runs.publish import run_changed

_FOR_EVER = timedelta(days=3650)
_SHOWN = 10
_COUNTED = timedelta(hours=1)


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
    if links is None or not changing:
        return
    mass_change_counts.take_turn(session, run.connection_id)
    asking = mass_change_counts.asking(session, run.connection_id, kind_of(run.kind).direction)
    if asking is not None:
        raise NeedsApprovalError(len(changing), links, asking_run_id=asking.id)
    since = datetime.now(UTC) - _COUNTED
    counted = mass_change_counts.counted_runs(session, run, since)
    if not is_mass_change(sum(one.last_seq - one.allowed_seq for one in counted) + len(changing), links):
        return
    changed = len(mass_change_counts.changed_by(session, counted, since) | set(changing))
    if is_mass_change(changed, links):
        raise NeedsApprovalError(changed, links, samples=samples[:_SHOWN])


def ask(services: Services, run_id: int, fence: int, error: NeedsApprovalError, api_calls: int) -> None:
    """Let the run wait until somebody answers."""
    question: dict[str, Any] = {"changed": error.changed, "links": error.links, "samples": error.samples}
    approval = {"approval": runs.REQUESTED, "question": question}
    if error.asking_run_id is not None:
        approval = {"question": {"asked_by": error.asking_run_id}}
    now = datetime.now(UTC)
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        values: dict[str, Any] = {"waiting_for": WAITING_FOR, "not_before": now + _FOR_EVER}
        values |= {"touched_at": now, **approval}
        values |= {"api_calls": (run.api_calls if run else 0) + api_calls}
        runs.touch(session, run_id, fence, values)
    run_changed(services, run_id)


def allow(services: Services, run_id: int) -> bool:
    """Go on with a run that asks, and with those behind it. False when it does not ask any more."""
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        if run is None or not _asks(run):
            return False
        waiting = _waiting_with(session, run)
        for number, fence in waiting:
            runs.touch(session, number, fence, {"approval": runs.GIVEN, "question": None})
        audit.add(session, services.actor, "mass_change_allowed", run_id=run_id)
    for number, fence in waiting:
        enqueue_next_slice(services, number, fence)
    return True


def decline(services: Services, run_id: int) -> bool:
    """End a run that asks, with those behind it, and pause automatic sync, or it would ask again at once."""
    with services.database.writing() as session:
        run = runs.get(session, run_id)
        if run is None or not _asks(run):
            return False
        waiting = _waiting_with(session, run)
        connection = connections.get(session, run.connection_id)
        if connection is not None and not is_on(connection.automatic, "paused"):
            connections.set_automatic(session, connection.id, {**connection.automatic, "paused": True})
        audit.add(session, services.actor, "mass_change_declined", run_id=run_id)
    return [cancel(services, number) for number, _ in waiting] != []


def _waiting_with(session: Session, run: Run) -> list[tuple[int, int]]:
    """Number and fence of each run that waits for the answer to this one's question, itself included."""
    direction = kind_of(run.kind).direction
    found = mass_change_counts.waiting(session, run.connection_id, direction)
    return [(one.id, one.fence) for one in found]


def _asks(run: Run) -> bool:
    return run.state == "running" and run.approval == runs.REQUESTED
