"""Undo: of a Pull, a Push, an undo, a deletion, a merge, a bulk change and an import."""

from __future__ import annotations

from tests.chaos.beds.bed import Bed
from tests.chaos.flows.book import begin_change, begin_deletion, begin_import
from tests.chaos.flows.duplicates import begin_merge_here, listed
from tests.chaos.flows.flow import EACH, Flow, all_agree, all_finished, filled, finished, pulled, pushed, run
from tests.support.applications.services import current_services
from tests.support.invariants.laws import Picture
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.usecases.undo import run as undo_run

_ONLY_HERE = range(1, EACH + 1)
_ONLY_THERE = range(EACH + 1, 2 * EACH + 1)
_ON_BOTH = range(2 * EACH + 1, 3 * EACH + 1)

_CITY = "Kiel"


def _reverted(bed: Bed) -> int:
    """Everything pulled, and that undone; returns the undo."""
    _begin(bed, pulled(bed))
    return finished(bed, "undo")


def _deleted(bed: Bed) -> int:
    """Everything pulled, then some of it deleted here; returns the deletion."""
    pulled(bed)
    begin_deletion(bed, 0)
    return finished(bed, "delete")


def _merged(bed: Bed) -> int:
    """Everything pulled, then three companies merged here; returns the merge."""
    listed(bed)
    begin_merge_here(bed, 0)
    return finished(bed, "merge_duplicates")


def _changed(bed: Bed) -> int:
    """Everything pulled, then contacts given another company; returns the change."""
    pulled(bed)
    begin_change(bed, 0)
    return finished(bed, "change")


def _imported(bed: Bed) -> int:
    """Everything pulled, in HubSpot with a city, then a file imported; returns the import."""
    filled(bed)
    for one in bed.world.there("contacts"):
        bed.world.edit_there("contacts", one, "city", _CITY)
    run(bed, "pull")
    begin_import(bed, 0)
    return finished(bed, "import")


def _begin(bed: Bed, run_id: int) -> None:
    _start(bed, undo_run.UndoRequest(run_id=run_id, archives=True))


def _begin_sending(bed: Bed, run_id: int) -> None:
    """Undo, and have what is put back sent like edits."""
    _start(bed, undo_run.UndoRequest(run_id=run_id, sends=True))


def _start(bed: Bed, request: undo_run.UndoRequest) -> None:
    undo_run.start(
        current_services(),
        request,
        trigger="button",
        user_id=bed.user_id,
        is_preview=False,
    )


def _judge_pull(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """What the pull brought is gone, and nothing in HubSpot has changed."""
    assert after.there == before.there
    assert not any(after.links.values())
    _insist_on(after, (*_ONLY_HERE, *_ON_BOTH))


def _judge_push(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """What the push made in HubSpot is archived, and nothing here has changed."""
    assert after.here == before.here
    assert not any(after.links.values())
    expected = (*_ONLY_THERE, *_ON_BOTH)
    assert {one.tag for one in after.there["companies"]} == _firms(expected)
    assert {one.tag for one in after.there["contacts"]} == _persons(expected)


def _judge_back(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """All that the pull had brought is here again, with its links; nothing in HubSpot has changed."""
    assert after.there == before.there
    _insist_on(after, (*_ONLY_HERE, *_ONLY_THERE, *_ON_BOTH))
    linked = len(_ONLY_THERE) + len(_ON_BOTH)
    assert [len(after.links[kind]) for kind in OBJECT_TYPES] == [linked, 2 * linked]
    all_agree(after)
    all_finished()


def _judge_imported(before: Picture, after: Picture, bed: Bed, run_id: int) -> None:
    """The same, and the city is again what HubSpot had."""
    _judge_both_back(before, after, bed, run_id)
    assert {one.values["city"] for one in after.there["contacts"]} == {_CITY}


def _judge_both_back(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Both sides are as the pull had left them: each contact with its own company, and nobody else."""
    _insist_on(after, (*_ONLY_HERE, *_ONLY_THERE, *_ON_BOTH))
    assert {one.id for one in after.there["contacts"]} == {one.id for one in before.there["contacts"]}
    assert {one.tag for one in after.there["companies"]} == _firms((*_ONLY_THERE, *_ON_BOTH))
    linked = len(_ONLY_THERE) + len(_ON_BOTH)
    assert [len(after.links[kind]) for kind in OBJECT_TYPES] == [linked, 2 * linked]
    for side in (after.here, after.there):
        firms = {one.id: one.tag for one in side["companies"]}
        for one in side["contacts"]:
            assert firms[one.company or ""] == one.tag.replace("Person", "Firm")[:-1], one
    all_agree(after)
    all_finished()


def _insist_on(after: Picture, numbers: tuple[int, ...]) -> None:
    """Check that here are these companies with their contacts, each once, and no others."""
    assert sorted(one.tag for one in after.here["companies"]) == sorted(_firms(numbers))
    assert sorted(one.tag for one in after.here["contacts"]) == sorted(_persons(numbers))


def _firms(numbers: tuple[int, ...]) -> set[str]:
    return {f"Firm {number}" for number in numbers}


def _persons(numbers: tuple[int, ...]) -> set[str]:
    return {f"Person {number}{letter}" for number in numbers for letter in "ab"}


FLOWS = (
    Flow("undo of a pull", pulled, _begin, _judge_pull),
    Flow("undo of a push", pushed, _begin, _judge_push),
    Flow("undo of an undo", _reverted, _begin, _judge_back),
    Flow("undo of a deletion", _deleted, _begin, _judge_back),
    Flow("undo of a merge", _merged, _begin_sending, _judge_both_back),
    Flow("undo of a bulk change", _changed, _begin_sending, _judge_both_back),
    Flow("undo of an import", _imported, _begin_sending, _judge_imported),
)
