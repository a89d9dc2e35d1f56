"""The stage that lists everything in light pages and compares it with what is known."""

from collections.abc import Sequence

from msgspec.structs import replace
from sqlalchemy.orm import Session

from webapp.domain.pull.plan import Plan
from webapp.domain.pull.reading.comparison import deserves_look
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.objects import MODIFIED
from webapp.store.links import facts as link_facts
from webapp.store.reconcile import walk as reconcile_walk
from webapp.store.runs.checkpoint import lock_run
from webapp.usecases.pull.look import as_remotes
from webapp.usecases.pull.reading.listing import reading_ahead
from webapp.usecases.pull.reading.position import Pages
from webapp.usecases.pull.reading.position import Position as Place
from webapp.usecases.reconcile.looking import Position, Walk, look, move
from webapp.usecases.runs.overtime import Overtime


def compare(walk: Walk, position: Position) -> Position:
    """Compare page after page, until the slice is over; the position behind, maybe at the next stage."""
    # While its thread reads, the walk's own client looks at what differs.
    lister = walk.lease.open_client()
    here = _place_of(position)
    with reading_ahead(
        walk.lease,
        lister,
        here,
        properties={kind: [MODIFIED[kind]] for kind in OBJECT_TYPES},
        count=lambda kind: _count(lister, kind),
        is_over=Overtime(walk.lease).is_over,
        # One by one, so that no more differing objects than a page holds are looked at together.
        has_waiting_writer=lambda: True,
    ) as ahead:
        for read in ahead.pages(here):
            behind = _behind(position, read.following)
            position = _compare_page(
                walk, read, replace(position, object_type=read.position.object_type), behind
            )
            if position is not behind:
                break
    return position


def _place_of(position: Position) -> Place:
    return Place(
        object_type=position.object_type,
        after=position.after or None,
        boundaries=position.boundaries,
        readers=position.readers,
        is_alone=position.is_alone,
        lap=position.lap,
    )


def _behind(position: Position, place: Place) -> Position:
    if place.is_end:
        return Position(
            started_at=position.started_at, since=position.since, is_full=position.is_full, stage="unmet"
        )
    return replace(
        position,
        object_type=place.object_type,
        after=place.after or "",
        boundaries=place.boundaries,
        readers=place.readers,
        is_alone=place.is_alone,
        lap=place.lap,
    )


def _compare_page(walk: Walk, read: Pages, position: Position, behind: Position) -> Position:
    """Look at the objects of a page that differ from what is known."""
    kind, lease = position.object_type, walk.lease
    listed = as_remotes(read.results)
    unreadable = [one.id for one in read.unreadable if one.id]
    ids = [one.id for one in listed]
    with lease.services.database.reading() as session:
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
        return look(walk, kind, worth, position, behind, also=met)
    return move(walk, behind, also=met)


def _count(client: HubSpotClient, kind: ObjectType) -> int:
    return client.search(kind, [], limit=1).total
