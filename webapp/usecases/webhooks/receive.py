"""Receiving notices: verified, stored, answered; the work comes later."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog
from sqlalchemy.orm import Session

from webapp.domain.webhooks.events import Notice, Read, read_notices
from webapp.errors import RefusedError
from webapp.hubspot.signature import Delivery, refusal
from webapp.services import Services
from webapp.store.webhooks import inbox
from webapp.usecases.runs import queues

_log = structlog.get_logger()


class UntrustedError(RefusedError):
    """The delivery does not prove that it comes from HubSpot."""


class NotNoticesError(RefusedError):
    """The body is no list of notices."""


def receive(services: Services, delivery: Delivery) -> None:
    """Verify and store a delivery, and have it looked into.

    What concerns another account or app is accepted and counted: HubSpot would repeat a refused delivery for
    a day.

    Raises:
        UntrustedError: wrong, old or missing signature, or no secret to check it with.
        NotNoticesError: the body is no JSON array.
    """
    _verify(services, delivery, datetime.now(UTC))
    services.deliveries.add(read_notices(_items(delivery.body)), partial(_store, services))


def _store(services: Services, deliveries: Sequence[Read]) -> None:
    """Store what one or several deliveries tell, and what is counted of them; then the queue is told."""
    now = datetime.now(UTC)
    notices = [notice for read in deliveries for notice in read.notices]
    with services.database.writing() as session:
        ours = _ours(services, session, notices)
        inbox.add(session, ours, now)
        inbox.note_announced(session, ours)
        counts = {
            "deliveries": len(deliveries),
            "accepted": len(ours),
            "ignored": len(notices) - len(ours) + sum(read.ignored for read in deliveries),
            "tests": sum(read.tests for read in deliveries),
        }
        inbox.add_counts(session, counts, now)
    for connection_id in {connection_id for connection_id, _ in ours}:
        queues.enqueue_automatic(services, queues.LOOK, connection_id)


def _verify(services: Services, delivery: Delivery, now: datetime) -> None:
    settings = services.settings
    if not settings.hubspot_client_secret:
        raise UntrustedError("no_secret")
    accepts_v1 = settings.webhook_accept_v1
    why = refusal(delivery, settings.hubspot_client_secret, now, accepts_v1=accepts_v1)
    if why is not None:
        _log.warning("delivery_refused", reason=why)
        raise UntrustedError(why)


def _items(body: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(body, type=list[Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotNoticesError("not_an_array") from error


def _ours(services: Services, session: Session, notices: Sequence[Notice]) -> list[tuple[int, Notice]]:
    """The notices about portals that are connected, told to our app, each with its connection."""
    app_id = services.settings.hubspot_app_id
    known = inbox.connections_of(session, {notice.portal_id for notice in notices})
    return [
        (known[notice.portal_id], notice)
        for notice in notices
        if notice.portal_id in known and (not app_id or notice.app_id == app_id)
    ]
