"""What a flow is, and what most of them begin with: companies and contacts on one side or on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.chaos.beds.bed import Bed
from tests.support.applications.services import current_services
from tests.support.invariants.laws import Picture
from tests.support.invariants.world import Thing
from tests.support.usecases import pulling
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.domain.runs.retry import CONTINUABLE
from webapp.models import Run
from webapp.usecases.runs import lifecycle

SIDES = ("here", "there", "both")
EACH = 3
"""Companies on each side and on both; each has two contacts."""

Judge = Callable[[Picture, Picture, Bed, int], None]


class Flow(NamedTuple):
    """A flow.

    Attributes:
        prepare: fills both sides; what it returns is handed to `begin`.
        begin: begins the flow, as a person, HubSpot or the schedule would.
        judge: raises AssertionError unless the second picture may follow from the first.
        waits_for_turn: whether its run is begun by the schedule or another run's end; else by the press.
    """

    name: str
    prepare: Callable[[Bed], int]
    begin: Callable[[Bed, int], None]
    judge: Judge
    waits_for_turn: bool = False


def filled(bed: Bed) -> int:
    """Companies with contacts on each side, and on both."""
    number = 0
    for side in SIDES:
        for _ in range(EACH):
            number += 1
            add_firm(bed, side, number)
    return 0


def add_firm(bed: Bed, side: str, number: int | str) -> None:
    """A company with two contacts, on one side or on both, under a number or a name."""
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


def pulled(bed: Bed) -> int:
    """Both sides filled and pulled; returns the run."""
    filled(bed)
    return run(bed, "pull")


def pushed(bed: Bed) -> int:
    """Both sides filled and pushed; returns the run."""
    filled(bed)
    return run(bed, "push")


def begin_bulk(kind: str) -> Callable[[Bed, int], None]:
    """Somebody presses a blue button."""

    def begin(bed: Bed, _: int) -> None:
        lifecycle.start(
            current_services(),
            kind,
            connection_id=bed.world.connection_id,
            trigger="button",
            started_by_id=bed.user_id,
        )

    return begin


def run(bed: Bed, kind: str) -> int:
    """A whole bulk run; its number."""
    begin_bulk(kind)(bed, 0)
    return finished(bed, kind)


def finished(bed: Bed, kind: str) -> int:
    """The latest run of a kind, once everything is at rest; its number. Its mail is forgotten."""
    bed.come_to_rest()
    found = next(one for one in reversed(pulling.all_rows(Run)) if one.kind == kind)
    assert found.state == "finished", (found.kind, found.state, found.error_text)
    bed.mailbox.messages.clear()
    return found.id


def record_named(bed: Bed, kind: ObjectType, tag: str) -> int:
    """The number of a record here."""
    return next(int(one.id) for one in bed.world.here(kind) if one.tag == tag)


def contacts_of(things: list[Thing], company_id: str) -> list[Thing]:
    """The contacts of a company."""
    return [one for one in things if one.company == company_id]


def all_agree(after: Picture) -> None:
    """Check that every linked pair holds the same."""
    for kind in OBJECT_TYPES:
        here, there = ({one.id: one for one in side[kind]} for side in (after.here, after.there))
        for record_id, (remote_id, _state) in after.links[kind].items():
            assert here[record_id].values == there[remote_id].values, (here[record_id], there[remote_id])
            assert here[record_id].tag == there[remote_id].tag


def all_finished() -> None:
    """Check that every run has finished, but for those that a person continued or began once more."""
    runs = [one for one in pulling.all_rows(Run) if one.error not in CONTINUABLE]
    assert {one.state for one in runs if not _begins_at_any_moment(one)} == {"finished"}
    assert {one.state for one in runs} <= {"queued", "running", "finished"}


def _begins_at_any_moment(run: Run) -> bool:
    """Whether the schedule may have begun a run while the cell was being judged."""
    return run.kind == "check" or (run.kind == "reconcile" and run.trigger == "schedule")
