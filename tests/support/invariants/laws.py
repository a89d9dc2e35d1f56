"""What must hold of both sides after every run, whatever happened before and on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, NamedTuple

from tests.support.invariants.world import FIELDS, Thing, World
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.models import Run


class Picture(NamedTuple):
    """Both sides at one moment, by object type; `links` are pairs of record and object."""

    here: dict[ObjectType, list[Thing]]
    there: dict[ObjectType, list[Thing]]
    links: dict[ObjectType, dict[str, tuple[str, str]]]


def picture(world: World) -> Picture:
    """Both sides as they are now; `links` give a record's object and the link's state."""
    return Picture(
        {kind: world.here(kind) for kind in OBJECT_TYPES},
        {kind: world.there(kind) for kind in OBJECT_TYPES},
        {
            kind: {str(link.record_id): (link.remote_id, link.state) for link in world.links(kind)}
            for kind in OBJECT_TYPES
        },
    )


def after_any_run(before: Picture, after: Picture, run: Run, world: World) -> None:
    """No duplicate on either side, no lost link, no failure."""
    nothing_twice(after)
    no_lost_links(before, after, world)
    for kind in OBJECT_TYPES:
        assert not set(run.counts.get(kind, {})) & {"held", "failed"}, run.counts


def nothing_twice(picture: Picture) -> None:
    """No duplicate on either side."""
    for kind in OBJECT_TYPES:
        for side in (picture.here[kind], picture.there[kind]):
            twice = [tag for tag, times in Counter(one.tag for one in side).items() if times > 1]
            assert not twice, f"{kind} twice: {twice}"


def no_lost_links(before: Picture, after: Picture, world: World) -> None:
    """Every record that was linked still is, to the same object or the one that it lives on as.

    One that was deleted in HubSpot may be restored, or made once more by its red Push.
    """
    for kind in OBJECT_TYPES:
        alive = {one.id for one in after.there[kind]}
        for record_id, (remote_id, state) in before.links[kind].items():
            now, state_now = after.links[kind].get(record_id, ("", ""))
            is_same = now in (remote_id, world.follow(kind, remote_id))
            assert is_same or (now and state == "gone"), f"lost link of {kind} {record_id}"
            assert state_now in ("linked" if now in alive else "gone", state)


def unlinked(before: Picture, after: Picture) -> set[tuple[ObjectType, str]]:
    """The objects that were linked before, and are not any more."""
    old, new = (
        {(kind, remote_id) for kind in OBJECT_TYPES for remote_id, _ in picture.links[kind].values()}
        for picture in (before, after)
    )
    return old - new


def after_push(before: Picture, after: Picture, run: Run, *, unread: Collection[str] = ()) -> None:
    """HubSpot holds what is here; blanks cleared nothing; every record counts once.

    Args:
        before: Both sides before it.
        after: Both sides behind it.
        run: The push.
        unread: Objects that could not be read.
    """
    assert after.here == before.here
    old = {(kind, one.id): one for kind in OBJECT_TYPES for one in before.there[kind]}
    for kind in OBJECT_TYPES:
        there = {one.id: one for one in after.there[kind]}
        assert sum(run.counts.get(kind, {}).values()) == len(after.here[kind]), run.counts
        for record in after.here[kind]:
            remote_id, state = after.links[kind].get(record.id, ("", ""))
            if not remote_id and unread:
                # What could not be read may be this record's object.
                continue
            if state == "gone":
                # What has been restored since is linked again by whoever meets it.
                is_news = before.links[kind][record.id] != (remote_id, state)
                assert remote_id not in there or not is_news, f"{kind} {record.id} is not gone"
                continue
            remote = there[remote_id]
            assert remote.tag == record.tag
            if remote_id in unread or remote.company in unread:
                continue
            _assert_won(record, remote, old.get((kind, remote_id)))
            company = after.links["companies"].get(record.company or "")
            if company is not None and company[1] == "linked" and not _was_chosen(before, record, remote):
                assert remote.company == company[0], (record, remote)


def after_pull(before: Picture, after: Picture, run: Run, *, unread: Collection[str] = ()) -> None:
    """Here is what HubSpot holds; blanks cleared nothing; every object counts once.

    Args:
        before: Both sides before it.
        after: Both sides behind it.
        run: The pull.
        unread: Objects that could not be read.
    """
    assert after.there == before.there
    old = {(kind, one.id): one for kind in OBJECT_TYPES for one in before.here[kind]}
    company_records = {remote_id: record for record, (remote_id, _) in after.links["companies"].items()}
    for kind in OBJECT_TYPES:
        here = {one.id: one for one in after.here[kind]}
        records = {remote_id: record_id for record_id, (remote_id, _) in after.links[kind].items()}
        # One that could not be read with its page may have come in with a contact that belongs to it.
        twice = len(records.keys() & set(unread))
        counted = sum(run.counts.get(kind, {}).values())
        assert counted - len(after.there[kind]) in (0, twice), run.counts
        for remote in after.there[kind]:
            if remote.id in unread or remote.company in unread:
                continue
            if remote.id not in records:
                assert kind == "contacts"
                assert remote.company is None, f"{remote.tag} was not imported"
                continue
            local = here[records[remote.id]]
            assert local.tag == remote.tag
            if before.links[kind].get(local.id, ("", ""))[1] == "gone":
                _assert_won_or_kept(remote, local, old[kind, local.id])
            else:
                _assert_won(remote, local, old.get((kind, local.id)))
            if remote.company is not None:
                assert local.company == company_records[remote.company]


def after_comparison(after: Picture, world: World, left_out: Collection[tuple[ObjectType, str]] = ()) -> None:
    """Nothing at HubSpot is unknown here: what is linked was seen as it is, what is not there is gone.

    Args:
        after: Both sides.
        world: Where the links are.
        left_out: Objects that do not come in without a person.
    """
    for kind in OBJECT_TYPES:
        alive = {one.id: one for one in after.there[kind]}
        for link in world.links(kind):
            if link.state == "gone":
                assert link.remote_id not in alive
                continue
            remote = alive[link.remote_id]
            assert {name: link.remote_seen.get(name) for name in FIELDS} == remote.values, remote
        linked = {link.remote_id for link in world.links(kind)}
        lost = [
            one
            for one in alive.values()
            if one.id not in linked
            and (kind, one.id) not in left_out
            and (kind == "companies" or one.company)
        ]
        assert not lost, f"not imported: {lost}"


def _was_chosen(before: Picture, record: Thing, remote: Thing) -> bool:
    """Whether HubSpot labels no company of a contact as primary, and both were linked before.

    A pull has chosen one of its companies then, which no push writes back.
    """
    of_company = before.links["companies"].get(record.company or "")
    return remote.company is None and record.id in before.links["contacts"] and of_company is not None


def _assert_won(winner: Thing, other: Thing, before: Thing | None) -> None:
    """The winner's values are on the other side, which kept its own where the winner has none."""
    for name in FIELDS:
        kept: Any = before.values[name] if before else None
        assert other.values[name] == (winner.values[name] or kept), (name, winner, other, before)


def _assert_won_or_kept(winner: Thing, other: Thing, before: Thing) -> None:
    """The winner's values are on the other side, unless that was edited while the object was gone (B48)."""
    for name in FIELDS:
        assert other.values[name] in (winner.values[name], before.values[name]), (name, winner, other, before)
