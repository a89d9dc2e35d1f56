"""Reconcile: find and repair what HubSpot changed without our hearing of it.

Every few minutes the objects changed since the watermark are searched for and read; once a night everything
is listed in light pages and compared, which also finds deletions, merges and moved contacts.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from msgspec import Struct, to_builtins
from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.comparison import deserves_look
from webapp.domain.pull.plan import Plan
from webapp.domain.reconcile.order import can_go_on
from webapp.domain.reconcile.schedule import ANNOUNCED_WITHIN, OVERLAP, expects_events
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import ReconcileOptions
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.objects import MODIFIED
from webapp.store.connection import connections
from webapp.store.links import facts as link_facts
from webapp.store.links import waiting
from webapp.store.pull.context import Context
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.webhooks import inbox
from webapp.usecases.duplicates import there as merges_there
from webapp.usecases.pull.apply import Also
from webapp.usecases.pull.context import Contexts, automatic_contexts
from webapp.usecases.pull.look import Look, as_remotes, look_at
from webapp.usecases.pull.with_companies import apply_with_companies, by_looking
from webapp.usecases.push.announced import complete_left_over
from webapp.usecases.push.own_key import key_property
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.mass_change import check
from webapp.usecases.runs.publish import run_changed

PAGE_SIZE = 100
"""How many objects a search or a look at unmet ones takes."""

Stage = Literal["changed", "listed", "unmet", "end"]


class Position(Struct, kw_only=True):
    """Where a reconcile goes on: the saved checkpoint.

    `started_at` is HubSpot's time when it began; `since` the moment from which changes are searched for, None
    before anything was read. `after` is an object's number, a cursor, or a link's number, by stage.
    """

    started_at: str = ""
    since: str | None = None
    is_full: bool = False
    stage: Stage = "changed"
    object_type: ObjectType = "companies"
    after: str = ""


class Walk(Struct):
    """A reconcile at work in one slice."""

    lease: Lease
    client: HubSpotClient
    contexts: Contexts
    counts_missed: bool


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Go on until the slice's time is up. True when everything was looked at."""
    if not lease.checkpoint:
        complete_left_over(lease.services, client, lease.connection_id)
        merges_there.complete_left_over(lease.services, client, lease.connection_id)
    position = Position(**lease.checkpoint) if lease.checkpoint else _begin(lease)
    with lease.services.database.reading() as session:
        kind = connections.get_kind(session, lease.connection_id)
        counts_missed = expects_events(kind, inbox.latest_delivery_at(session))
    walk = Walk(lease, client, automatic_contexts(lease), counts_missed)
    while position.stage != "end":
        position = _STAGES[position.stage](walk, position)
        run_changed(lease.services, lease.run_id)
        if lease.is_over():
            break
    if position.stage != "end":
        return False
    with lease.services.database.writing() as session:
        lock_run(session, lease.run_id, lease.fence)
        reconcile_walk.move_watermark(
            session, lease.connection_id, datetime.fromisoformat(position.started_at)
        )
        waiting.look_at_forgotten(session, lease.connection_id, datetime.now(UTC))
        if position.is_full:
            reconcile_walk.forget_met(session, lease.connection_id)
            connections.mark_compared(session, lease.connection_id)
    return True


def _begin(lease: Lease) -> Position:
    with lease.services.database.reading() as session:
        connection = connections.get(session, lease.connection_id)
        watermark = connection.watermark if connection else None
    is_full = lease.options_as(ReconcileOptions).is_full
    if is_full:
        key_property.configure(lease.services, lease.connection_id, may_create=False)
    since = (watermark - OVERLAP).isoformat() if watermark else None
    return Position(since=since, is_full=is_full)


def _changed(walk: Walk, position: Position) -> Position:
    """Look at the next objects that were changed since the watermark.

    The walk goes by number and has no upper end in time: a search gives ten thousand results at the most, and
    an object that is changed meanwhile stays where it is in the order.
    """
    kind = position.object_type
    by_number = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    page = walk.client.search(kind, _changed_since(kind, position), sorts=by_number, limit=PAGE_SIZE)
    ids = [hit.id for hit in page.results]
    if not can_go_on(ids, after=position.after, total=page.total):
        # Searched again later: from wherever the walk went on, it might pass objects over.
        raise MalformedAnswer("A page of HubSpot's search is empty or out of order.")
    here = replace(position, started_at=position.started_at or walk.client.server_time().isoformat())
    behind = _next_stage(here) if page.total <= len(ids) else replace(here, after=ids[-1])
    if not ids:
        return _move(walk, behind)
    return _look(walk, kind, ids, here, behind)


def _changed_since(kind: ObjectType, position: Position) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = []
    if position.since is not None:
        since_ms = int(datetime.fromisoformat(position.since).timestamp() * 1000)
        filters.append({"propertyName": MODIFIED[kind], "operator": "GTE", "value": str(since_ms)})
    filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": position.after or "0"})
    return [{"filters": filters}]


def _listed(walk: Walk, position: Position) -> Position:
    """Compare the next page of all objects with what is known, and look at those that differ."""
    kind, lease = position.object_type, walk.lease
    page = walk.client.list_page(kind, [MODIFIED[kind]], position.after or None)
    behind = _next_stage(position) if page.after is None else replace(position, after=page.after)
    listed = as_remotes(page.results)
    unreadable = [one.id for one in page.unreadable if one.id]
    ids = [one.id for one in listed]
    with walk.lease.services.database.reading() as session:
        all_ids = [*ids, *(old for one in listed for old in one.merged_ids)]
        links = link_facts.of_objects(session, lease.connection_id, kind, all_ids)
        seen = reconcile_walk.seen_unlinked(session, lease.connection_id, kind, ids)
    known_merges = {number for number, link in links.items() if link.state == "held"}
    worth = [one.id for one in listed if deserves_look(one, links, seen, known_merges)] + unreadable

    def met(session: Session, _: Sequence[Plan]) -> None:
        reconcile_walk.record_met(
            session, lock_run(session, lease.run_id, lease.fence), kind, [*ids, *unreadable]
        )

    if worth:
        return _look(walk, kind, worth, position, behind, also=met)
    return _move(walk, behind, also=met)


def _unmet(walk: Walk, position: Position) -> Position:
    """Ask for the linked objects that no page held: an archived one, or a 404, proves that it is gone."""
    kind, lease = position.object_type, walk.lease
    with walk.lease.services.database.reading() as session:
        some = reconcile_walk.unmet(
            session, lease.run_id, kind, after=int(position.after or 0), limit=PAGE_SIZE
        )
    if not some:
        return _move(walk, _next_stage(position))
    behind = replace(position, after=str(some[-1].link_id))
    ids = [one.remote_id for one in some]
    archived = set(walk.client.batch_read(kind, ids, [], archived=True).by_key)
    others = [number for number in ids if number not in archived]
    return _look(walk, kind, others, position, behind, gone_ids=sorted(archived))


_STAGES: dict[Stage, Callable[[Walk, Position], Position]] = {
    "changed": _changed,
    "listed": _listed,
    "unmet": _unmet,
}


def _next_stage(position: Position) -> Position:
    """Contacts follow companies; behind both comes the next stage, if everything is to be compared."""
    if position.object_type == "companies":
        return replace(position, object_type="contacts", after="")
    following: dict[Stage, Stage] = {"changed": "listed", "listed": "unmet"}
    stage = following.get(position.stage, "end") if position.is_full else "end"
    return replace(position, stage=stage, object_type="companies", after="")


def _move(walk: Walk, behind: Position, also: Also | None = None) -> Position:
    """Nothing to look at on the way: only the checkpoint is written."""
    with walk.lease.services.database.writing() as session:
        run = lock_run(session, walk.lease.run_id, walk.lease.fence)
        if also is not None:
            also(session, ())
        write_checkpoint(session, run, walk.lease.checkpoint_at(behind), datetime.now(UTC))
    return behind


def _look(
    walk: Walk,
    kind: ObjectType,
    ids: Sequence[str],
    position: Position,
    behind: Position,
    *,
    gone_ids: Sequence[str] = (),
    also: Also | None = None,
) -> Position:
    """Read objects as they are now and apply them, mark those that are not there, and move on.

    Returns:
        `behind`, or `position` again where some could not be read: the page is shorter then.
    """
    lease, mapping = walk.lease, walk.contexts[kind].mapping
    look = _looked_at(walk, mapping, ids) if ids else None
    following = position if look is not None and look.unread else behind

    def finish(session: Session, plans: Sequence[Plan]) -> None:
        if also is not None:
            also(session, plans)
        if walk.counts_missed:
            _count_missed(session, walk.contexts[kind], plans)

    _mark_gone(walk, kind, [*gone_ids, *(look.not_there if look else ())])
    apply_with_companies(
        lease,
        walk.contexts,
        kind,
        look.found if look else [],
        to_builtins(following),
        read_objects=by_looking(lease, walk.client, walk.contexts),
        also=finish,
    )
    return following


def _looked_at(walk: Walk, mapping: Mapping, ids: Sequence[str]) -> Look:
    lease = walk.lease
    return look_at(lease.services, walk.client, lease.connection_id, mapping, ids, is_partly_of_use=True)


def _mark_gone(walk: Walk, kind: ObjectType, remote_ids: Sequence[str]) -> None:
    """Before the page is behind: a worker killed in between meets them again, and marks nobody twice."""
    if not remote_ids:
        return
    lease, context = walk.lease, walk.contexts[kind]
    with walk.lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        links = link_facts.of_objects(session, lease.connection_id, kind, remote_ids)
        losing = [(kind, link.record_id) for link in links.values() if link.state == "linked"]
        check(session, run, context.origin.guarded_links, losing)
        here = Checkpoint(run.checkpoint, lease.take_usage())
        context.sink.mark_gone(session, run, kind, remote_ids, checkpoint=here, now=datetime.now(UTC))


def _count_missed(session: Session, context: Context, plans: Sequence[Plan]) -> None:
    """Count the changes that no webhook event has announced, though there was time to."""
    now = datetime.now(UTC)
    found = {
        plan.remote.id
        for plan in plans
        if plan.outcome in (outcomes.CREATED, outcomes.UPDATED)
        and plan.remote.updated_at < now - ANNOUNCED_WITHIN
    }
    if found:
        announced = reconcile_walk.announced_among(session, context.connection_id, context.object_type, found)
        inbox.add_counts(session, {"missed": len(found - announced)}, now)
