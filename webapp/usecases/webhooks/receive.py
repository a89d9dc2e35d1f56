"""Receiving webhook events: verified, stored, answered; the work comes later."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from webapp.domain.webhooks.bodies import UNREADABLE, NoArrayError, items_of
from webapp.domain.webhooks.events import Read, WebhookEvent, read_events
from webapp.errors import RefusedError
from webapp.hubspot.signature import Delivery, refusal
from webapp.services import Services
from webapp.store.webhooks import inbox
from webapp.usecases.runs import queues

_log = structlog.get_logger()


class UntrustedError(RefusedError):
    """The delivery does not prove that it comes from HubSpot."""


class NotEventsError(RefusedError):
    """The body is no list of events."""


def receive(services: Services, delivery: Delivery) -> None:
    """Verify and store a delivery, and have it looked into.

    Events for another account or app are accepted and counted: HubSpot would repeat a refused delivery for
    a day.

    Raises:
        UntrustedError: wrong, old or missing signature, or no secret to check it with.
        NotEventsError: the body is no JSON array.
    """
    _verify(services, delivery, datetime.now(UTC))
    services.deliveries.add(read_events(_items(delivery.body)), partial(_store, services))


def _store(services: Services, deliveries: Sequence[Read]) -> None:
    """Store the events of one or several deliveries, and their counts; then queue the look at them."""
    now = datetime.now(UTC)
    events = [event for read in deliveries for event in read.events]
    with services.database.writing() as session:
        accepted = _of_connected(services, session, events)
        inbox.add(session, accepted, now)
        inbox.record_announced(session, accepted)
        counts = {
            "deliveries": len(deliveries),
            "accepted": len(accepted),
            "ignored": len(events) - len(accepted) + sum(read.ignored for read in deliveries),
            "tests": sum(read.tests for read in deliveries),
        }
        inbox.add_counts(session, counts, now)
    for connection_id in {connection_id for connection_id, _ in accepted}:
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
        items = items_of(body)
    except NoArrayError as error:
        raise NotEventsError("not_an_array") from error
    if unreadable := items.count(UNREADABLE):
        _log.warning("events_unreadable", count=unreadable, items=len(items))
    return items


def _of_connected(
    services: Services, session: Session, events: Sequence[WebhookEvent]
) -> list[tuple[int, WebhookEvent]]:
    """The events about portals that are connected, meant for our app, each with its connection."""
    app_id = services.settings.hubspot_app_id
    known = inbox.connections_of(session, {event.portal_id for event in events})
    return [
        (known[event.portal_id], event)
        for event in events
        if event.portal_id in known and (not app_id or event.app_id == app_id)
    ]
