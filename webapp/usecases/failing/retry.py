"""Trying failed records again: outgoing ones by a push of them alone, incoming ones by another look."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import PushOptions
from webapp.domain.webhooks.events import WebhookEvent
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection.connections import Connection
from webapp.store.failing import failures
from webapp.store.runs.failures import FailureSelection
from webapp.store.webhooks import inbox
from webapp.usecases.connection.required import require_connection
from webapp.usecases.runs import lifecycle, queues


class Retried(Struct, frozen=True):
    """The push that was started, if one was needed, and how many objects are looked at again."""

    run_id: int | None
    objects: int


def retry(services: Services, selection: FailureSelection, user_id: int | None) -> Retried:
    """Try the selected failing records again.

    Raises:
        RefusedError: `nothing_failing`, `not_connected`, or `busy`, where another push waits to begin.
    """
    with services.database.reading() as session:
        connection = require_connection(session)
        has_out = failures.has_out(session, connection.id, selection)
        objects = failures.objects(session, connection.id, selection)
    if not has_out and not objects:
        raise RefusedError("nothing_failing")
    run_id = _push(services, connection.id, selection, user_id) if has_out else None
    if objects:
        _look_again(services, connection, objects)
    return Retried(run_id, len(objects))


def _push(services: Services, connection_id: int, selection: FailureSelection, user_id: int | None) -> int:
    started = lifecycle.start(
        services,
        "push",
        connection_id=connection_id,
        trigger="button",
        started_by_id=user_id,
        options=PushOptions(failing=selection),
    )
    return started.run_id


def _look_again(
    services: Services, connection: Connection, objects: Sequence[tuple[ObjectType, str]]
) -> None:
    """Put the objects into the inbox, as if HubSpot had reported them."""
    now = datetime.now(UTC)
    looks = [
        WebhookEvent(
            portal_id=connection.portal_id,
            app_id="",
            kind="restored",
            object_type=kind,
            remote_id=remote_id,
            property=None,
            value=None,
            source="",
            source_id="",
            occurred_at=now,
        )
        for kind, remote_id in objects
    ]
    with services.database.writing() as session:
        inbox.add(session, [(connection.id, look) for look in looks], now)
    queues.enqueue_automatic(services, queues.LOOK, connection.id)
