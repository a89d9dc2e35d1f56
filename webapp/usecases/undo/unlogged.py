"""Writes of a run in HubSpot that its log lacks, as entries for the preview of its undo."""

from datetime import UTC, datetime

from webapp.domain.push.associations import end_of
from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.store.push import announced_associations
from webapp.store.runs import runs
from webapp.store.runs.log import LogEntry
from webapp.store.undo.entries import Part
from webapp.usecases.push.announced_associations import primaries_of, still_announced


def would_complete(
    services: Services, client: HubSpotClient, connection_id: int, part: Part
) -> list[LogEntry]:
    """The entries that an undo would complete the log by, the last one first; nothing is written."""
    announced = still_announced(services, connection_id, part.run_id)
    if part.record_id is not None:
        announced = [
            one for one in announced if ("contacts", one.contact_id) == (part.object_type, part.record_id)
        ]
    if not announced:
        return []
    primaries, now = primaries_of(client, announced), datetime.now(UTC)
    readable = [one for one in announced if str(one.contact_remote_id) in primaries]
    took_effect = [
        one for one in readable if end_of(one, primaries[str(one.contact_remote_id)], now) == "complete"
    ]
    with services.database.reading() as session:
        run = runs.get(session, part.run_id)
    return announced_associations.as_log_entries(run, took_effect) if run is not None else []
