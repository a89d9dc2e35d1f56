"""A few cells of the fault matrix; `make chaos` runs all of them (B14, B44, B46, B51)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import ledger
from tests.chaos.bed import Bed, bed
from tests.chaos.faults import Baseline, kills, strikes
from tests.chaos.matrix import flow_named, run_cell, run_flow

pytestmark = pytest.mark.long

# Of each flow the faults and places whose names contain these texts; a kill takes ten seconds.
_TRIED = {
    "push": ("cut after the work", "page._announced (1)"),
    "edits": ("workers' clocks behind", "Redis emptied"),
    "undo of a push": ("502 after the work",),
}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Bed]:
    """A bed."""
    with bed(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", _TRIED)
def test_nothing_is_lost_or_written_twice(made: Bed, name: str) -> None:
    flow = flow_named(name)
    baseline, undisturbed = run_flow(made, flow)
    chosen = [
        strike
        for strike in [*strikes(baseline, is_short=True), *kills(baseline)]
        if any(text in f"{strike.fault} {strike.place}" for text in _TRIED[name])
    ]
    assert len(chosen) >= len(_TRIED[name])
    cells = [undisturbed, *(run_cell(made, flow, strike) for strike in chosen)]
    assert [cell for cell in cells if cell.verdict != "held"] == []


def test_a_fault_that_never_strikes_is_not_counted_as_held(made: Bed) -> None:
    [never] = kills(Baseline([], ["a step that no worker reaches"]))

    assert run_cell(made, flow_named("pull"), never).verdict == "not struck"


def test_a_slow_mail_server_is_not_taken_for_a_killed_worker(made: Bed) -> None:
    """Else a mail counts as given up while its sender still waits, and comes in during the next cell."""
    made.mailbox.takes_s = 2.0
    _, cell = run_flow(made, flow_named("undo of a push"))

    assert cell.verdict == "held", cell.detail


def test_what_stands_in_no_log_is_counted_as_lost(made: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    in_full = ledger.entries_since
    monkeypatch.setattr(ledger, "entries_since", lambda first_run_id: in_full(first_run_id)[1:])
    _, cell = run_flow(made, flow_named("pull"))

    assert cell.verdict == "lost"
    assert "in no log" in cell.detail
