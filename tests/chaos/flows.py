"""The flows that a cell disturbs: what both sides hold before, what begins it, what must hold afterwards."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tests.chaos.bed import Bed
from tests.support import laws, pulling
from tests.support.editing import edit_record
from tests.support.laws import Picture
from tests.support.services import current_services
from tests.support.world import FIELDS, Thing
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.retry import CONTINUABLE
from webapp.models import Run
from webapp.usecases.reconcile import begin as begin_reconcile
from webapp.usecases.runs import lifecycle, of_record, queues
from webapp.usecases.undo import run as undo_run

_SIDES = ("here", "there", "both")
_EACH = 3
"""Companies on each side and on both; each has two contacts."""

_EDITED = 4


class Flow(NamedTuple):
    """A flow.

    Attributes:
        prepare: fills both sides; what it returns is handed to `begin`.
        begin: begins the flow, as a person, HubSpot or the schedule would.
        judge: raises AssertionError unless the second picture may follow from the first.
    """

    name: str
    prepare: Callable[[Bed], int]
    begin: Callable[[Bed, int], None]
    judge: Callable[[Picture, Picture, Bed, int], None]


def _filled(bed: Bed) -> int:
    number = 0
    for side in _SIDES:
        for _ in range(_EACH):
            number += 1
            _add_firm(bed, side, number)
    return 0


def _add_firm(bed: Bed, side: str, number: int) -> None:
    """A company with two contacts, on one side or on both."""
    domain = f"n{number}.de"
    for one, add, things in (
        ("here", bed.world.add_here, bed.world.here),
        ("there", bed.world.add_there, bed.world.there),
    ):
        if side in (one, "both"):
            add("companies", f"Firm {number}", domain)
            company = next(each.id for each in things("companies") if each.tag == f"Firm {number}")
            for letter in "ab":
                add("contacts", f"Person {number}{letter}", f"{letter}@{domain}", company)


def _begin_bulk(kind: str) -> Callable[[Bed, int], None]:
    def begin(bed: Bed, _: int) -> None:
        lifecycle.start(
            current_services(),
            kind,
            connection_id=bed.world.connection_id,
            trigger="button",
            started_by_id=bed.user_id,
        )

    return begin


def _pulled(bed: Bed) -> int:
    """Both sides filled and pulled; returns the run."""
    _filled(bed)
    return _run(bed, "pull")


def _pushed(bed: Bed) -> int:
    _filled(bed)
    return _run(bed, "push")


def _run(bed: Bed, kind: str) -> int:
    _begin_bulk(kind)(bed, 0)
    bed.come_to_rest()
    run = pulling.all_rows(Run)[-1]
    assert (run.kind, run.state) == (kind, "finished"), (run.kind, run.state, run.error_text)
    bed.mailbox.messages.clear()
    return run.id


def _changed_there(bed: Bed) -> int:
    """Everything pulled, then some objects changed in HubSpot; returns the number of a contact's record."""
    _pulled(bed)
    for kind in OBJECT_TYPES:
        for number, one in enumerate(_linked_there(bed, kind)[:_EDITED]):
            bed.world.edit_there(kind, one, FIELDS[number % 2], f"Ulm {number}")
    return _record_of(bed, _linked_there(bed, "contacts")[0])


def _linked_there(bed: Bed, kind: ObjectType) -> list[Thing]:
    linked = {link.remote_id for link in bed.world.links(kind)}
    return [one for one in bed.world.there(kind) if one.id in linked]


def _record_of(bed: Bed, contact: Thing) -> int:
    return next(link.record_id for link in bed.world.links("contacts") if link.remote_id == contact.id)


def _changed_here(bed: Bed) -> int:
    """Everything pushed, then a company and its contacts changed here; returns the company's number."""
    _pushed(bed)
    company = bed.world.here("companies")[0]
    bed.world.edit_here("companies", company, city="Kiel")
    for contact in bed.world.here("contacts"):
        if contact.company == company.id:
            bed.world.edit_here("contacts", contact, city="Kiel")
    return int(company.id)


def _begin_record(kind: str, object_type: ObjectType) -> Callable[[Bed, int], None]:
    def begin(bed: Bed, record_id: int) -> None:
        of_record.start(current_services(), object_type, record_id, bed.user_id, kind=kind)

    return begin


def _begin_events(bed: Bed, _: int) -> None:
    """HubSpot reports what was changed: everything, some of it twice, in any order."""
    bed.world.deliver_events(Random(7), arrives=1.0)  # noqa: S311 - the same story each time
    queues.enqueue_automatic(current_services(), queues.LOOK, bed.world.connection_id)


def _begin_edits(bed: Bed, _: int) -> None:
    """People edit linked records here, one after the other."""
    for kind in OBJECT_TYPES:
        for number, link in enumerate(bed.world.links(kind)[:_EDITED]):
            edit_record(kind, link.record_id, city=f"Bonn {number}")


def _begin_reconcile(bed: Bed, _: int) -> None:
    begin_reconcile.start(current_services(), trigger="button", user_id=bed.user_id, is_full=True)


def _begin_undo(bed: Bed, run_id: int) -> None:
    undo_run.start(
        current_services(),
        undo_run.UndoRequest(run_id=run_id, archives=True),
        trigger="button",
        user_id=bed.user_id,
        is_preview=False,
    )


def _judge_bulk(kind: str) -> Callable[[Picture, Picture, Bed, int], None]:
    def judge(before: Picture, after: Picture, bed: Bed, _: int) -> None:
        run = next(run for run in reversed(pulling.all_rows(Run)) if run.kind == kind)
        assert run.state == "finished", (run.state, run.error, run.error_text)
        laws.after_any_run(before, after, run, bed.world)
        (laws.after_pull if kind == "pull" else laws.after_push)(before, after, run)

    return judge


def _judge_agreement(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """Every linked pair holds the same, and no link was lost or made."""
    assert after.links == before.links
    for kind in OBJECT_TYPES:
        here, there = ({one.id: one for one in side[kind]} for side in (after.here, after.there))
        for record_id, (remote_id, _state) in after.links[kind].items():
            assert here[record_id].values == there[remote_id].values, (here[record_id], there[remote_id])
            assert here[record_id].tag == there[remote_id].tag
    # A check of what was just created may begin at any moment.
    runs = [run for run in pulling.all_rows(Run) if run.error not in CONTINUABLE and run.kind != "check"]
    assert {run.state for run in runs} == {"finished"}


def _judge_one(before: Picture, after: Picture, _bed: Bed, record_id: int) -> None:
    """The pulled contact holds what HubSpot holds; nobody else has changed."""
    remote_id, _ = after.links["contacts"][str(record_id)]
    local = next(one for one in after.here["contacts"] if one.id == str(record_id))
    remote = next(one for one in after.there["contacts"] if one.id == remote_id)
    assert (local.values, after.there) == (remote.values, before.there)
    others = [[one for one in side.here["contacts"] if one != local] for side in (before, after)]
    assert [one.id for one in others[1]] == [one.id for one in others[0] if one.id != local.id]


def _judge_undone_pull(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """What the pull brought is gone, and nothing in HubSpot has changed."""
    assert after.there == before.there
    assert not any(after.links.values())
    tags = {kind: {one.tag for one in after.here[kind]} for kind in OBJECT_TYPES}
    expected = {
        one for number in (*range(1, _EACH + 1), *range(2 * _EACH + 1, 3 * _EACH + 1)) for one in (number,)
    }
    assert tags["companies"] == {f"Firm {number}" for number in expected}
    assert tags["contacts"] == {f"Person {number}{letter}" for number in expected for letter in "ab"}


def _judge_undone_push(before: Picture, after: Picture, _bed: Bed, _: int) -> None:
    """What the push made in HubSpot is archived, and nothing here has changed."""
    assert after.here == before.here
    assert not any(after.links.values())
    expected = range(_EACH + 1, 3 * _EACH + 1)
    assert {one.tag for one in after.there["companies"]} == {f"Firm {number}" for number in expected}
    assert {one.tag for one in after.there["contacts"]} == {
        f"Person {number}{letter}" for number in expected for letter in "ab"
    }


FLOWS = (
    Flow("pull", _filled, _begin_bulk("pull"), _judge_bulk("pull")),
    Flow("push", _filled, _begin_bulk("push"), _judge_bulk("push")),
    Flow("pull of one record", _changed_there, _begin_record(of_record.PULL, "contacts"), _judge_one),
    Flow("push of one record", _changed_here, _begin_record(of_record.PUSH, "companies"), _judge_agreement),
    Flow("webhook events", _changed_there, _begin_events, _judge_agreement),
    Flow("edits", _pulled, _begin_edits, _judge_agreement),
    Flow("reconcile", _changed_there, _begin_reconcile, _judge_agreement),
    Flow("undo of a pull", _pulled, _begin_undo, _judge_undone_pull),
    Flow("undo of a push", _pushed, _begin_undo, _judge_undone_push),
)
