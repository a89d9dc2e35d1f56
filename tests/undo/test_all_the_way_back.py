"""Pulls, pushes and automatic changes on hundreds of records, undone all in reverse order (B38).

More records would be more of the same: most of the time goes into reading both sides whole.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.undoing import portal_now, undo_of
from tests.undo.world import TakeBack, World
from webapp.models import Run

pytestmark = pytest.mark.long

_ACTS = ("edit_here", "edit_there", "move_here", "make_here", "make_there")
_RUNS = ("pull", "push", "push_one", "send_edits", "compare")


def _play(world: World, turns: int) -> list[tuple[Run | TakeBack, tuple[object, ...]]]:
    """Acts and runs in random order; each run with what both sides held before it."""
    done: list[tuple[Run | TakeBack, tuple[object, ...]]] = []
    for number in range(turns):
        is_run = bool(number % 2)
        name = world.random.choice(_RUNS if is_run else _ACTS)
        before = world.state() if is_run else ()
        what = getattr(world, name)()
        if isinstance(what, Run):
            assert what.state == "finished", (name, what.error, what.waiting_for)
        if what is not None:
            done.append((what, before))
    return done


@pytest.mark.parametrize(
    ("seed", "records"),
    [(11, 300), *(pytest.param(seed, 150, marks=pytest.mark.one_database) for seed in (12, 13))],
)
def test_undone_all_in_reverse_order_both_sides_hold_the_first_state(
    connection_id: int, sandbox: SandboxServer, seed: int, records: int
) -> None:
    """What people did is taken back by hand, in its turn; what runs did is undone as its preview says."""
    world = World(connection_id, sandbox, seed, records=records)
    first = world.state()
    done = [(world.pull(), first), *_play(world, 16)]
    wrote = [what for what, _ in done if isinstance(what, Run)]
    assert len({run.kind for run in wrote}) > 2
    for what, before in reversed(done):
        if not isinstance(what, Run):
            what()
            continue
        preview = undo_of(what.id, archives=True, is_preview=True)
        undo = undo_of(what.id, archives=True)
        assert (undo.state, undo.counts) == ("finished", preview.counts), what.kind
        assert world.state() == before, what.kind
    assert world.state() == first


def test_what_hubspot_deleted_and_merged_stays_and_the_preview_lists_it(
    connection_id: int, sandbox: SandboxServer
) -> None:
    world = World(connection_id, sandbox, seed=21, records=300)
    first = portal_now(sandbox)
    runs = [world.pull()]
    for _ in range(4):
        world.edit_here()
    runs.append(world.push())
    sent = [one for one in pulling.entries(runs[-1].id) if one.object_type == "contacts" and one.changes]
    changed = [str(one.remote_id) for one in sent if one.reason is None and one.outcome == "updated"]
    deleted, kept, merged = Random(1).sample(changed, 3)  # noqa: S311 - repeatable, not secret
    sandbox.archive("contacts", deleted)
    sandbox.merge("contacts", kept, merged, new_id=False)
    preview = undo_of(runs[-1].id, archives=True, is_preview=True)
    undo = undo_of(runs[-1].id, archives=True)
    reasons = {one.remote_id: one.reason for one in pulling.entries(preview.id) if one.outcome == "skipped"}
    assert reasons == {deleted: "gone_in_hubspot", merged: "undo_merged_there"}
    assert undo.counts == preview.counts
    left = {kind: {one["id"]: one for one in held} for kind, held in portal_now(sandbox).items()}
    for kind, held in first.items():
        for one in held:
            if one["id"] not in (deleted, kept, merged):
                assert left[kind][one["id"]] == one
    assert len(left["contacts"]) == len(first["contacts"]) - 2
