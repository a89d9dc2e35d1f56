"""A few cells of the fault matrix; `make chaos` runs all of them (B14, B44, B46, B51, B53, B58)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.chaos.beds.bed import Bed, bed
from tests.chaos.faults import Baseline, Place, Strike, kills, strikes
from tests.chaos.matrix import flow_named, run_cell, run_flow, struck_cell
from tests.chaos.outages import away
from tests.support.invariants import ledger
from tests.support.invariants.written import Entries, Written, written_by

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    """One bed for all: to make it up takes as long as two cells."""
    with bed(tmp_path_factory.mktemp("bed")) as made:
        yield made


def _killed(step: str) -> Strike:
    [strike] = kills(Baseline([], [step]))
    return strike


def _struck(fault: str, path: str) -> Strike:
    place = Place("POST", f"/crm/objects/2026-03/{path}", 0, is_write=True)
    return next(one for one in strikes(Baseline([place], [])) if one.fault == fault)


def _none() -> Strike:
    """No fault at all."""
    return Strike("none", "", lambda _: nullcontext(lambda: True))


_CELLS = {
    "pull": ("pull", _none()),
    "push, killed": ("push", _killed("committed usecases.push.page._announced")),
    "push, cut": ("push", _struck("cut after the work", "contacts/batch/create")),
    "edits": ("edits", _struck("Redis emptied", "contacts/batch/update")),
    "decision": ("one decision", _killed("committed usecases.pull.apply._apply")),
    "merge": ("merge in HubSpot", _killed("answered POST /crm/objects/2026-03/companies/merge")),
    "import": ("import", _killed("committed usecases.records.files.import_run._written")),
    "push, stopped": ("push", _struck("worker stopped for longer than its lease", "contacts/batch/create")),
    "scan": ("scan of the book", _killed("committed usecases.duplicates.scan._go_on")),
    "erasure": ("erasure", _killed("committed usecases.privacy.person.begin")),
    "renewal": ("renewal of keys", _killed("committed usecases.matching.renewal.renew_some")),
    "press cut off": (
        "push whose press was cut off",
        _killed("committed usecases.runs.lifecycle.start_next"),
    ),
    "press, Redis gone": ("push", away("killed, and back with nothing", "the press")),
    "claim, Redis silent": ("pull", away("without an answer", "committed usecases.runs.slices._claim")),
    "cancel, Redis refuses": (
        "push behind a cancelled pull",
        away("that takes nothing: a replica", "the press"),
    ),
    "wait, Redis gone": ("edits", away("killed, and back with nothing", "a wait for HubSpot")),
    "undo, Redis refuses": (
        "undo of a push",
        away("that takes nothing: no memory", "committed usecases.undo.remote._send"),
    ),
    "undo": ("undo of an undo", _killed("committed usecases.undo.local.undo_page")),
    "undo of a merge": ("undo of a merge", _killed("committed usecases.undo.local.undo_page")),
}


@pytest.mark.parametrize("cell", _CELLS)
def test_nothing_is_lost_or_written_twice(made: Bed, cell: str) -> None:
    name, strike = _CELLS[cell]
    found = run_cell(made, flow_named(name), strike)

    assert (found.verdict, found.detail) == ("held", "")


def test_a_fault_that_never_strikes_is_not_counted_as_held(made: Bed) -> None:
    never = _killed("a step that no worker reaches")

    assert run_cell(made, flow_named("not the same"), never).verdict == "not struck"


def test_several_readers_share_the_lists_of_a_portal_that_is_far_away(made: Bed) -> None:
    """With each list the first search counts it, and every other one finds where a part ends."""
    baseline, cell = run_flow(made, flow_named("pull by several readers"))

    assert (cell.verdict, cell.detail) == ("held", "")
    searches = [one for one in baseline.calls if one.path.endswith("/search")]
    assert len(searches) > len({one.path for one in searches})


def test_a_fault_strikes_as_late_as_a_flow_repeats_its_step(made: Bed) -> None:
    """How often several workers repeat one is up to chance."""
    [*_, last] = kills(Baseline([], ["committed usecases.undo.local.undo_page"] * 3))

    assert last.place.endswith("(3)")
    cell = struck_cell(made, flow_named("undo of an undo"), last)
    assert (cell.verdict, cell.place) == ("held", "committed usecases.undo.local.undo_page (1)")


def test_a_slow_mail_server_is_not_taken_for_a_killed_worker(made: Bed) -> None:
    """Else a mail counts as given up while its sender still waits, and comes in during the next cell."""
    made.mailbox.takes_s = 2.0
    try:
        _, cell = run_flow(made, flow_named("undo of a push"))
    finally:
        made.mailbox.takes_s = 0.0

    assert cell.verdict == "held", cell.detail


def test_what_stands_in_no_log_is_counted_as_lost(made: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    def all_but_the_first(entries: Entries) -> list[Written]:
        return written_by(entries)[1:]

    monkeypatch.setattr(ledger, "written_by", all_but_the_first)
    _, cell = run_flow(made, flow_named("deletion"))

    assert cell.verdict == "lost"
    assert "in no log" in cell.detail
