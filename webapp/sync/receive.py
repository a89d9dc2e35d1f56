"""Receiving notices: verified, stored, answered; the work comes later."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from flask import current_app
from msgspec import Struct

from webapp.current import current_settings
from webapp.domain.notices import Notice, read_notices
from webapp.errors import RefusedError
from webapp.hubspot.signature import Delivery, refusal
from webapp.store import inbox
from webapp.store.transactions import reading, writing
from webapp.sync import queues
from webapp.sync.together import Together

_INLET = "twinbook.inlet"

_log = structlog.get_logger()


class UntrustedError(RefusedError):
    """The delivery does not prove that it comes from HubSpot."""


class NotNoticesError(RefusedError):
    """The body is no list of notices."""


class Taken(Struct, frozen=True):
    """What is stored of a delivery: notices with their connections, properties told of first, counts."""

    notices: list[tuple[int, Notice]]
    news: set[tuple[int, str, str]]
    counts: dict[str, int]


def receive(delivery: Delivery) -> int:
    """Verify and store a delivery; returns how many notices are waiting because of it.

    What concerns another account or app is accepted and counted: HubSpot would repeat a refused delivery for
    a day.

    Raises:
        UntrustedError: wrong, old or missing signature, or no secret to check it with.
        NotNoticesError: the body is no JSON array.
    """
    now = datetime.now(UTC)
    _verify(delivery, now)
    read = read_notices(_items(delivery.body))
    ours, news = _ours(read.notices)
    counts = {
        "deliveries": 1,
        "accepted": len(ours),
        "ignored": read.ignored + len(read.notices) - len(ours),
        "tests": read.tests,
    }
    _inlet().add(Taken(ours, news, counts))
    for connection_id in {connection_id for connection_id, _ in ours}:
        queues.enqueue_automatic(queues.LOOK, connection_id)
    return len(ours)


def _inlet() -> Together[Taken]:
    """Where this process's deliveries gather."""
    found: Together[Taken] = current_app.extensions.setdefault(_INLET, Together(_store))
    return found


def _store(taken: Sequence[Taken]) -> None:
    now = datetime.now(UTC)
    counts: Counter[str] = Counter()
    for one in taken:
        counts.update(one.counts)
    news = set().union(*(one.news for one in taken))
    with writing() as session:
        inbox.add(session, [notice for one in taken for notice in one.notices], now)
        inbox.add_counts(session, counts, now)
        if news:
            inbox.note_announced(session, news)


def _verify(delivery: Delivery, now: datetime) -> None:
    settings = current_settings()
    if not settings.hubspot_client_secret:
        raise UntrustedError("no_secret", "Notices cannot be verified: HUBSPOT_CLIENT_SECRET is not set.")
    accepts_v1 = settings.webhook_accept_v1
    why = refusal(delivery, settings.hubspot_client_secret, now, accepts_v1=accepts_v1)
    if why is not None:
        _log.warning("delivery_refused", reason=why)
        raise UntrustedError(why, "The signature does not prove that this comes from HubSpot.")


def _items(body: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(body, type=list[Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotNoticesError("not_an_array", "The body must be a JSON array of notices.") from error


def _ours(notices: list[Notice]) -> tuple[list[tuple[int, Notice]], set[tuple[int, str, str]]]:
    """The notices about portals that are connected, told to our app, each with its connection.

    With them the properties (connection, object type, name) of which no notice has told before.
    """
    app_id = current_settings().hubspot_app_id
    with reading() as session:
        known = inbox.connections_of(session, {notice.portal_id for notice in notices})
        ours = [
            (known[notice.portal_id], notice)
            for notice in notices
            if notice.portal_id in known and (not app_id or notice.app_id == app_id)
        ]
        told: set[tuple[int, str, str]] = {
            (number, one.object_type, one.property) for number, one in ours if one.property
        }
        announced = {
            (number, *one)
            for number in {number for number, *_ in told}
            for one in inbox.announced(session, number)
        }
    return ours, told - announced
