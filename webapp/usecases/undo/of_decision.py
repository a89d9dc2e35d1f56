"""Taking back what a person decided about an object after it was carried out: undone, then asked again."""

from webapp.domain.runs.options import UndoOptions
from webapp.services import Services
from webapp.store.undo import decisions as reverted_decisions
from webapp.usecases.runs import lifecycle, queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import Started

UNDO = "undo"


def undo_decision(
    services: Services, connection_id: int, object_type: str, remote_id: str, user_id: int | None
) -> Started | None:
    """Queue the undo of what was decided about one object; None where the log has nothing to undo.

    Raises:
        RefusedError: What starting a run raises.
    """
    with services.database.reading() as session:
        entry = reverted_decisions.latest_entry(session, connection_id, object_type, remote_id)
    if entry is None:
        return None
    return lifecycle.start(
        services,
        UNDO,
        connection_id=connection_id,
        trigger="button",
        started_by_id=user_id,
        options=UndoOptions(
            run_id=entry.run_id,
            run_kind="decisions",
            object_type="companies" if entry.object_type == "companies" else "contacts",
            record_id=entry.record_id,
            asks_again=True,
        ),
    )


def ask_again(lease: Lease) -> None:
    """Have the objects looked at again whose decisions this undo has taken back."""
    with lease.services.database.writing() as session:
        ids = reverted_decisions.ask_again(session, lease.connection_id, lease.run_id)
    for number in ids:
        queues.enqueue_decision(lease.services, number)
