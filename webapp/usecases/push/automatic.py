"""Automatic push: what was edited here goes to HubSpot, only the fields that changed."""

from datetime import UTC, datetime

from webapp.domain.connection.automatic import is_on, pushed_types
from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.push import outbox
from webapp.store.push.scope import Scope
from webapp.store.runs import hourly
from webapp.usecases.push.bulk import work_on
from webapp.usecases.runs import queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import enqueue_next_slice


def begin(services: Services, connection_id: int) -> None:
    """Begin the hour's automatic push of a portal, or begin it again, where edits wait."""
    queues.record_begun(services, queues.AUTO_PUSH, connection_id)
    with services.database.reading() as session:
        is_due = connection_id in outbox.connections_with_due(session, datetime.now(UTC))
    if is_due:
        _begin(services, connection_id)


def begin_forgotten(services: Services) -> None:
    """Begin what a lost queue has left; called every few seconds."""
    with services.database.reading() as session:
        due = outbox.connections_with_due(session, datetime.now(UTC))
    for connection_id in due:
        _begin(services, connection_id)


def _begin(services: Services, connection_id: int) -> None:
    with services.database.writing() as session:
        opened = hourly.begin(
            session,
            connection_id=connection_id,
            kind="auto_push",
            now=datetime.now(UTC),
        )
    if opened is not None:
        run_id, fence = opened
        enqueue_next_slice(services, run_id, fence)


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Send what waits until the slice's time is up. True when all is done."""
    with lease.services.database.reading() as session:
        connection = connections.get(session, lease.connection_id)
        switches = connection.automatic if connection else {}
        types = pushed_types(switches) if connection else []
    return work_on(lease, client, Scope("outbox", types=types, may_create=is_on(switches, "create")))
