"""Shared by the stages of a reconcile: looking at the objects found, and moving the position on."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from msgspec import Struct, to_builtins
from sqlalchemy.orm import Session

from webapp.domain.mapping.mapping import Mapping
from webapp.domain.pull.plan import Plan
from webapp.domain.pull.reading.circle import Lap
from webapp.domain.reconcile.schedule import ANNOUNCED_WITHIN
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs import outcomes
from webapp.hubspot.client import HubSpotClient
from webapp.store.links import facts as link_facts
from webapp.store.links import generations
from webapp.store.pull.context import Context
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs.checkpoint import Checkpoint, lock_run, write_checkpoint
from webapp.store.webhooks import inbox
from webapp.usecases.pull.apply import Also
from webapp.usecases.pull.context import Contexts
from webapp.usecases.pull.look import Look, look_at
from webapp.usecases.pull.with_companies import apply_with_companies, by_looking
from webapp.usecases.runs.lease import Lease
from webapp.usecases.runs.mass_change import check

Stage = Literal["changed", "listed", "unmet", "asking", "end"]


class Position(Struct, kw_only=True):
    """The position of a reconcile: the saved checkpoint.

    Attributes:
        started_at: HubSpot's time when it began.
        since: the moment from which changes are searched for, None before anything was read.
        is_full: whether everything is compared.
        stage: what it is at.
        object_type: the objects that it is at.
        after: an object's number, a cursor, or a row's number, by stage.
        boundaries: while everything is listed, as in a pull's position; so are the next three.
        readers: how many read side by side.
        is_alone: whether one reader reads the rest.
        lap: by which a list that goes round in a circle is recognised.
    """

    started_at: str = ""
    since: str | None = None
    is_full: bool = False
    stage: Stage = "changed"
    object_type: ObjectType = "companies"
    after: str = ""
    boundaries: list[str] = []
    readers: int = 1
    is_alone: bool | None = None
    lap: Lap = Lap()


class Walk(Struct):
    """A reconcile at work in one slice."""

    lease: Lease
    client: HubSpotClient
    contexts: Contexts
    counts_missed: bool


def move(walk: Walk, behind: Position, also: Also | None = None) -> Position:
    """Nothing to look at on the way: only the checkpoint is written."""
    with walk.lease.services.database.writing() as session:
        run = lock_run(session, walk.lease.run_id, walk.lease.fence)
        if also is not None:
            also(session, ())
        write_checkpoint(session, run, walk.lease.checkpoint_at(behind), datetime.now(UTC))
    return behind


def look(
    walk: Walk,
    kind: ObjectType,
    ids: Sequence[str],
    position: Position,
    behind: Position,
    *,
    gone_ids: Sequence[str] = (),
    since: int | None = None,
    also: Also | None = None,
) -> Position:
    """Read objects as they are now and apply them, mark those that are not there, and move on.

    Args:
        walk: The reconcile.
        kind: Of what.
        ids: The objects to be read.
        position: Where the run is.
        behind: Where it goes on.
        gone_ids: Objects that were proved to be gone before.
        since: The generation of our writes before that proof.
        also: What else is written in the transaction that applies the objects.

    Returns:
        `behind`, or `position` again where some could not be read: the page is shorter then.
    """
    lease, mapping = walk.lease, walk.contexts[kind].mapping
    seen = _looked_at(walk, mapping, ids) if ids else None
    following = position if seen is not None and seen.unread else behind

    def finish(session: Session, plans: Sequence[Plan]) -> None:
        if also is not None:
            also(session, plans)
        if walk.counts_missed:
            _count_missed(session, walk.contexts[kind], plans)

    if since is None:
        since = seen.generation if seen is not None else 0
    _mark_gone(walk, kind, [*gone_ids, *(seen.not_there if seen else ())], since)
    apply_with_companies(
        lease,
        walk.contexts,
        kind,
        seen.found if seen else [],
        to_builtins(following),
        read_objects=by_looking(lease, walk.client, walk.contexts),
        also=finish,
    )
    return following


def _looked_at(walk: Walk, mapping: Mapping, ids: Sequence[str]) -> Look:
    lease = walk.lease
    return look_at(lease.services, walk.client, lease.connection_id, mapping, ids, is_partly_of_use=True)


def _mark_gone(walk: Walk, kind: ObjectType, proved: Sequence[str], generation: int) -> None:
    """Mark those as gone that HubSpot had not, unless we have written to them since.

    Before the page is behind: a worker killed in between meets them again, and marks nobody twice.

    Args:
        walk: The reconcile.
        kind: Of what.
        proved: The objects.
        generation: That of our writes before the read that proves it.
    """
    if not proved:
        return
    lease, context = walk.lease, walk.contexts[kind]
    with walk.lease.services.database.writing() as session:
        run = lock_run(session, lease.run_id, lease.fence)
        written = generations.written_since(session, lease.connection_id, kind, proved, generation)
        remote_ids = [one for one in proved if one not in written]
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
