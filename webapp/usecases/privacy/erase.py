"""An administrator's decision about a contact that HubSpot has deleted for privacy."""

from datetime import UTC, datetime

from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.people import audit
from webapp.store.privacy import deletions as privacy_deletions
from webapp.store.runs import queries
from webapp.usecases.runs import lifecycle


def decide_deletion(services: Services, deletion_id: int, *, user_id: int, erases: bool) -> bool:
    """Keep the decision, and erase the traces if it is that. False when somebody else has decided meanwhile.

    Raises:
        RefusedError: `no_such_deletion`, there is no such deletion.
    """
    fences: dict[int, int] = {}
    with services.database.writing() as session:
        if erases:
            queries.hold_open(session)
        deletion = privacy_deletions.get(session, deletion_id)
        if deletion is None:
            raise RefusedError("no_such_deletion")
        if deletion.settled_at is not None:
            return False
        privacy_deletions.decide_deletion(
            session, deletion, user_id=user_id, now=datetime.now(UTC), erases=erases
        )
        if erases:
            # What a slice has read of the traces would come back with what it writes.
            fences = lifecycle.fence_off(session)
        audit.add(session, services.actor, "privacy_decided", verb="erase" if erases else "keep")
    lifecycle.let_go_on(services, fences)
    return True
