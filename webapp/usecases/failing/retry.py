"""Trying again what failed: what did not get out by a push of it alone, what did not get in by a look."""

from datetime import UTC, datetime

from msgspec import Struct

from webapp.domain.runs.options import PushOptions
from webapp.domain.webhooks.events import WebhookEvent
from webapp.errors import RefusedError
from webapp.services import Services
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
    """Try again what is meant of what failed.

    Raises:
        RefusedError: `nothing_failing`, `not_connected`, or `busy`, where another push waits to begin.
    """
    with services.database.reading() as session:
        connection = require_connection(session)
        has_out = failures.has_out(session, connection.id, selection)
        objects = failures.objects(session, connection.id, selection)
    if not has_out and not objects:
        raise RefusedError("nothing_failing")
    run_id = None
    if has_out:
        run_id = lifecycle.start(
            services,
            "push",
            connection_id=connection.id,
            trigger="button",
            started_by_id=user_id,
            options=PushOptions(failing=selection),
        ).run_id
    if objects:
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
    return Retried(run_id, len(objects))
