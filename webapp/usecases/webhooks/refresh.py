"""Refresh: reads the objects that webhook events are about, and applies what they are now.

However many events an object has, it is read once; their order and repetition make no difference.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from webapp.domain.links.facts import LinkFacts
from webapp.domain.pull.plan import Plan
from webapp.domain.records.fields import ObjectType
from webapp.domain.webhooks.echo import is_worth_a_look
from webapp.hubspot.client import HubSpotClient
from webapp.services import Services
from webapp.store.links import facts as link_facts
from webapp.store.links import generations
from webapp.store.privacy import deletions as privacy_deletions
from webapp.store.pull.context import Context
from webapp.store.runs import hourly
from webapp.store.runs.checkpoint import Checkpoint, lock_run
from webapp.store.webhooks import inbox
from webapp.store.webhooks.inbox import PendingObject
from webapp.usecases.pull.context import Contexts, automatic_contexts
from webapp.usecases.pull.look import look_at
from webapp.usecases.pull.with_companies import apply_with_companies, by_looking
from webapp.usecases.runs import mass_change, queues
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.lifecycle import enqueue_next_slice
from webapp.usecases.runs.publish import run_changed

_BATCH_SIZE = 100
# HubSpot announces an object before it can be read; after this many looks it is taken for gone.
_LOOKS = 6
_LOOK_AGAIN_AFTER_S = 2.0
# From so many objects in two seconds on, events are gathered for as long.
_BUSY_FROM = 60
_GATHERED_FOR = timedelta(seconds=2)
_GATHER_EVERY_S = 0.1


def begin(services: Services, connection_id: int) -> None:
    """Begin the hour's refresh of a portal, or go on with it, where events wait."""
    queues.record_begun(services, queues.LOOK, connection_id)
    now = datetime.now(UTC)
    with services.database.reading() as session:
        is_due = connection_id in inbox.connections_with_due(session, now)
    if is_due:
        _begin(services, connection_id, now)


def begin_forgotten(services: Services) -> None:
    """Begin what a lost queue or a wait has left; called every few seconds."""
    now = datetime.now(UTC)
    with services.database.reading() as session:
        due = inbox.connections_with_due(session, now)
    for connection_id in due:
        _begin(services, connection_id, now)


def _begin(services: Services, connection_id: int, now: datetime) -> None:
    with services.database.writing() as session:
        opened = hourly.begin(session, connection_id=connection_id, kind="refresh", now=now)
    if opened is not None:
        run_id, fence = opened
        enqueue_next_slice(services, run_id, fence)


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Look at what waits until the slice's time is up. True when nothing waits any more."""
    contexts = automatic_contexts(lease)
    while True:
        if _is_worth_gathering(lease.services, lease.connection_id):
            time.sleep(_GATHER_EVERY_S)
        elif not _refresh_some(lease, client, contexts):
            return True
        if lease.is_over():
            return False


def _is_worth_gathering(services: Services, connection_id: int) -> bool:
    """Whether to wait a little: among very many events the same objects come again and again.

    So each is read once, and every batch is full; while there are few events, nothing waits.
    """
    if queues.refreshed_lately(services, connection_id) < _BUSY_FROM:
        return False
    now = datetime.now(UTC)
    with services.database.reading() as session:
        oldest = inbox.first_received_at(session, connection_id, now)
    # The clock of the machine that took it may be ahead.
    return oldest is not None and now - _GATHERED_FOR < oldest <= now


def _refresh_some(lease: Lease, client: HubSpotClient, contexts: Contexts) -> bool:
    """Refresh one batch, companies first. False when nothing is due."""
    for kind, context in contexts.items():
        now = datetime.now(UTC)
        with lease.services.database.reading() as session:
            pending = inbox.pending(session, lease.connection_id, kind, now, _BATCH_SIZE)
            ids = [one.remote_id for one in pending]
            links = link_facts.of_objects(session, lease.connection_id, kind, ids)
            announced = link_facts.announced(session, lease.connection_id, kind, ids)
        if pending:
            worth = _without_echoes(lease, context, pending, links, announced=announced, now=now)
            queues.record_refreshed(lease.services, lease.connection_id, len(worth))
            erased = [one for one in worth if one.has_event("privacy_deleted")]
            _refuse(lease, kind, erased)
            if others := [one for one in worth if one not in erased]:
                _refresh(lease, client, contexts, kind, others)
            run_changed(lease.services, lease.run_id)
            return True
    return False


def _without_echoes(
    lease: Lease,
    context: Context,
    pending: Sequence[PendingObject],
    links: dict[str, LinkFacts],
    *,
    announced: dict[str, dict[str, str | None]],
    now: datetime,
) -> list[PendingObject]:
    """The objects to be read; the others are forgotten here, and counted."""
    fields = {item.property: item.field for item in context.mapping.fields if item.direction != "off"}
    app_id = lease.services.settings.hubspot_app_id
    worth = [
        one
        for one in pending
        if any(
            is_worth_a_look(event, links.get(one.remote_id), fields, app_id, announced.get(one.remote_id, {}))
            for event in one.events
        )
    ]
    echoes = [one for one in pending if one not in worth]
    if echoes:
        with lease.services.database.writing() as session:
            lock_run(session, lease.run_id, lease.fence)
            inbox.forget(session, echoes)
            inbox.add_counts(session, {"echoes": sum(len(one.events) for one in echoes)}, now)
    return worth


def _refresh(
    lease: Lease,
    client: HubSpotClient,
    contexts: Contexts,
    kind: ObjectType,
    worth: Sequence[PendingObject],
) -> None:
    ids = [one.remote_id for one in worth]
    look = look_at(
        lease.services, client, lease.connection_id, contexts[kind].mapping, ids, is_partly_of_use=True
    )
    by_id = {one.remote_id: one for one in worth}
    not_there = [by_id[remote_id] for remote_id in look.not_there]
    left = {*look.not_there, *look.unread}
    seen = [one for one in worth if one.remote_id not in left]
    _close_missing(lease, contexts[kind], not_there, look.generation)

    def forget(session: Session, plans: Sequence[Plan]) -> None:
        # Objects that are being sent at this moment were not taken: the next look sees how that ended.
        open_ids = {plan.remote.id for plan in plans if plan.is_open}
        again = [one for one in seen if one.remote_id in open_ids]
        inbox.postpone(session, again, datetime.now(UTC) + timedelta(seconds=_LOOK_AGAIN_AFTER_S))
        inbox.forget(session, [one for one in seen if one not in again])

    read_objects = by_looking(lease, client, contexts)
    # Nothing but the inbox says where a refresh goes on.
    apply_with_companies(lease, contexts, kind, look.found, {}, read_objects=read_objects, also=forget)


def _refuse(lease: Lease, kind: ObjectType, erased: Sequence[PendingObject]) -> None:
    """People deleted for privacy are not read any more, and never sent again."""
    if not erased:
        return
    now = datetime.now(UTC)
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        inbox.forget(session, erased)
        ids = [one.remote_id for one in erased]
        privacy_deletions.refuse(session, run, kind, ids, checkpoint=_checkpoint(lease), now=now)


def _close_missing(
    lease: Lease, context: Context, not_there: Sequence[PendingObject], generation: int
) -> None:
    """HubSpot had no such object: one that was seen before is gone, a new one may still appear.

    One that we have written to or linked since that read is looked at again.
    """
    if not not_there:
        return
    now, kind = datetime.now(UTC), context.object_type
    with lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        ids = [one.remote_id for one in not_there]
        written = generations.written_since(session, lease.connection_id, kind, ids, generation)
        known = link_facts.of_objects(session, lease.connection_id, kind, ids)
        losing = [
            (kind, link.record_id)
            for link in known.values()
            if link.state == "linked" and link.remote_id not in written
        ]
        mass_change.check(session, run, context.origin.guarded_links, losing)
        again = [
            one
            for one in not_there
            if one.remote_id in written or (one.remote_id not in known and _may_come_yet(one))
        ]
        inbox.postpone(session, again, now + timedelta(seconds=_LOOK_AGAIN_AFTER_S))
        inbox.forget(session, [one for one in not_there if one not in again])
        gone = sorted(one.remote_id for one in not_there if one not in again)
        context.sink.mark_gone(session, run, kind, gone, checkpoint=_checkpoint(lease), now=now)


def _may_come_yet(one: PendingObject) -> bool:
    return not one.has_event("deleted") and one.attempts < _LOOKS


def _checkpoint(lease: Lease) -> Checkpoint:
    """Nothing but the inbox says where a refresh goes on."""
    return Checkpoint({}, lease.take_usage())
