"""Reconcile: finds and repairs changes in HubSpot that no webhook event reported.

Every few minutes the objects changed since the watermark are searched for and read; once a night everything
is listed in light pages and compared, which also finds deletions, merges and moved contacts.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from webapp.domain.reconcile.order import can_go_on
from webapp.domain.reconcile.schedule import expects_events, searched_since, watermark_from
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.options import ReconcileOptions
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.objects import MODIFIED
from webapp.store.connection import connections
from webapp.store.links import waiting
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs.checkpoint import lock_run
from webapp.store.webhooks import inbox
from webapp.usecases.duplicates import merge_in_hubspot
from webapp.usecases.pull.context import automatic_contexts
from webapp.usecases.pull.look import generation_now
from webapp.usecases.push.announced_associations import complete_left_over
from webapp.usecases.push.own_key import key_property
from webapp.usecases.reconcile import listed
from webapp.usecases.reconcile.looking import Position, Stage, Walk, look, move
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.publish import run_changed
from webapp.usecases.undo.cut_off import complete_cut_off

PAGE_SIZE = 100
"""How many objects a search or a look at unmet ones takes."""


def work(lease: Lease, client: HubSpotClient) -> bool:
    """Go on until the slice's time is up. True when everything was looked at."""
    if not lease.checkpoint:
        complete_left_over(lease.services, client, lease.connection_id)
        merge_in_hubspot.complete_left_over(lease.services, client, lease.connection_id, gives_up=False)
        complete_cut_off(lease.services, client, lease.connection_id)
    position = lease.position(Position) if lease.checkpoint else _begin(lease)
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
    since = searched_since(watermark, datetime.now(UTC))
    return Position(since=since.isoformat() if since else None, is_full=is_full)


def _changed(walk: Walk, position: Position) -> Position:
    """Look at the next objects that were changed since the watermark.

    The walk goes by number and has no upper end in time: a search gives ten thousand results at the most, and
    an object that is changed meanwhile stays where it is in the order.
    """
    kind = position.object_type
    by_number = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    page = walk.client.search(kind, _changed_since(kind, position), sorts=by_number, limit=PAGE_SIZE)
    ids = [hit.id for hit in page.results]
    # The count may be of another moment than the page: neither alone says that this is the last one.
    has_more = page.after is not None or page.total > len(ids)
    if not can_go_on(ids, after=position.after, has_more=has_more):
        # Searched again later: from wherever the walk went on, it might pass objects over.
        raise MalformedAnswer("A page of HubSpot's search is empty or out of order.")
    if not position.started_at:
        started_at = watermark_from(walk.client.server_time(), datetime.now(UTC))
        position = replace(position, started_at=started_at.isoformat())
    behind = replace(position, after=ids[-1]) if has_more else _next_stage(position)
    if not ids:
        return move(walk, behind)
    return look(walk, kind, ids, position, behind)


def _changed_since(kind: ObjectType, position: Position) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = []
    if position.since is not None:
        since_ms = int(datetime.fromisoformat(position.since).timestamp() * 1000)
        filters.append({"propertyName": MODIFIED[kind], "operator": "GTE", "value": str(since_ms)})
    filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": position.after or "0"})
    return [{"filters": filters}]


def _unmet(walk: Walk, position: Position) -> Position:
    """Ask for the linked objects that no page held: an archived one, or a 404, proves that it is gone."""
    kind, lease = position.object_type, walk.lease
    with walk.lease.services.database.reading() as session:
        some = reconcile_walk.unmet(
            session, lease.run_id, kind, after=int(position.after or 0), limit=PAGE_SIZE
        )
    if not some:
        return move(walk, _next_stage(position))
    behind = replace(position, after=str(some[-1].link_id))
    ids = [one.remote_id for one in some]
    since = generation_now(lease.services, lease.connection_id)
    archived = set(walk.client.batch_read(kind, ids, [], archived=True).by_key)
    others = [number for number in ids if number not in archived]
    return look(walk, kind, others, position, behind, gone_ids=sorted(archived), since=since)


def _asking(walk: Walk, position: Position) -> Position:
    """Ask for the objects about which something is to be decided here: without them nothing is."""
    kind, lease = position.object_type, walk.lease
    with lease.services.database.reading() as session:
        some = reconcile_walk.asking(
            session, lease.connection_id, kind, after=int(position.after or 0), limit=PAGE_SIZE
        )
    if not some:
        return move(walk, _next_stage(position))
    behind = replace(position, after=str(some[-1].row_id))
    ids = [one.remote_id for one in some]
    there = walk.client.batch_read(kind, ids, []).by_key
    return look(walk, kind, [number for number in ids if number not in there], position, behind)


_STAGES: dict[Stage, Callable[[Walk, Position], Position]] = {
    "changed": _changed,
    "listed": listed.compare,
    "unmet": _unmet,
    "asking": _asking,
}
_FOLLOWING: dict[Stage, Stage] = {"changed": "listed", "unmet": "asking"}


def _next_stage(position: Position) -> Position:
    """Contacts follow companies; behind both comes the next stage, if everything is to be compared."""
    if position.object_type == "companies":
        return replace(position, object_type="contacts", after="")
    stage = _FOLLOWING.get(position.stage, "end") if position.is_full else "end"
    return replace(position, stage=stage, object_type="companies", after="")
