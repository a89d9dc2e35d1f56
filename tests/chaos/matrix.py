"""Cells: a flow, disturbed by one fault at one place, and judged by what both sides and the logs hold."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from tests.chaos import ledger
from tests.chaos.beds.bed import Bed, StuckError
from tests.chaos.faults import Baseline, Place, Strike, kills, strikes
from tests.chaos.flows import FLOWS, Flow
from tests.chaos.outages import outages
from tests.support.applications.services import current_services
from tests.support.invariants.laws import picture
from tests.support.invariants.ledger import Ledger
from tests.support.usecases import pulling
from webapp.domain.runs.retry import CONTINUABLE
from webapp.errors import RefusedError
from webapp.models import Mail, Run
from webapp.usecases.runs import resume_by_person

Verdict = Literal["held", "not struck", "lost", "stuck"]

_BEGUN = (
    "committed usecases.runs.lifecycle.start_next",
    "committed usecases.runs.lifecycle.enqueue_next_slice",
    "queued run_slice",
)
"""The steps that begin a run."""
_POLL_S = 0.01
_READING = ("/batch/read", "/search")


class Cell(Struct, frozen=True):
    """What became of one flow under one fault.

    Attributes:
        verdict: `held`, or `not struck` where the flow never came to the fault's place, or what went wrong.
        detail: of what went wrong, what was found.
    """

    flow: str
    fault: str
    place: str
    verdict: Verdict
    took_s: float
    detail: str = ""


def run_flow(bed: Bed, flow: Flow) -> tuple[Baseline, Cell]:
    """An undisturbed flow: what it does, and whether it is what it should be."""
    began = time.monotonic()
    prepared = _prepared(bed, flow)
    from_call = len(bed.sandbox.log())
    verdict, detail = _judged(bed, flow, prepared, lambda: True)
    steps = bed.orders.passed()
    if not flow.waits_for_turn:
        steps = _without_press(steps)
    baseline = Baseline(_calls(bed.sandbox.log()[from_call:]), steps)
    return baseline, Cell(flow.name, "none", "", verdict, round(time.monotonic() - began, 2), detail)


def _without_press(steps: Sequence[str]) -> list[str]:
    """The steps less those by which the schedule has begun a run between the two steps of its press."""
    by_schedule, kept = Counter(steps.count(_BEGUN[0]) * _BEGUN), list[str]()
    for step in steps:
        if by_schedule[step]:
            by_schedule[step] -= 1
        else:
            kept.append(step)
    return kept


def run_cell(bed: Bed, flow: Flow, strike: Strike) -> Cell:
    """A flow under a fault."""
    began = time.monotonic()
    prepared = _prepared(bed, flow)
    with strike.around(bed) as is_struck:
        verdict, detail = _judged(bed, flow, prepared, is_struck)
    return Cell(flow.name, strike.fault, strike.place, verdict, round(time.monotonic() - began, 2), detail)


def cells_of(bed: Bed, flow: Flow, *, only: Sequence[str] = ()) -> Iterator[Cell]:
    """The undisturbed flow, then every fault at its places, outages of Redis, and kills behind steps."""
    baseline, undisturbed = run_flow(bed, flow)
    yield undisturbed
    chosen: Iterable[Strike] = [*strikes(baseline), *outages(baseline), *kills(baseline)]
    for strike in chosen:
        if not only or any(text in f"{strike.fault} {strike.place}" for text in only):
            yield struck_cell(bed, flow, strike)


def struck_cell(bed: Bed, flow: Flow, strike: Strike) -> Cell:
    """A flow under a fault, which strikes as late as it can if the flow repeats its step less often now."""
    cell = run_cell(bed, flow, strike)
    while cell.verdict == "not struck" and strike.earlier is not None:
        strike = strike.earlier
        cell = run_cell(bed, flow, strike)
    return cell


def flow_named(name: str) -> Flow:
    """One of the flows."""
    return next(flow for flow in FLOWS if flow.name == name)


def _prepared(bed: Bed, flow: Flow) -> int:
    bed.clear()
    number = flow.prepare(bed)
    bed.come_to_rest()
    bed.orders.clear()
    return number


def _judged(bed: Bed, flow: Flow, prepared: int, is_struck: Any) -> tuple[Verdict, str]:
    """Begin the flow, wait until all is at rest, and judge."""
    opened = Ledger(bed.world)
    first_run_id = 1 + max((run.id for run in pulling.all_rows(Run)), default=0)
    bed.last_mail_id = max((mail.id for mail in pulling.all_rows(Mail)), default=0)
    try:
        flow.begin(bed, prepared)
        _watch(bed, is_struck)
        bed.come_to_rest()
        for run_id in _refused(first_run_id):
            _go_on(bed, flow, prepared, run_id)
    except StuckError as error:
        return "stuck", f"{error}; {_runs(first_run_id)}"
    try:
        flow.judge(opened.opening, picture(bed.world), bed, prepared)
        ledger.check(opened, bed)
    except AssertionError as error:
        where = traceback.extract_tb(error.__traceback__)[-1].name
        return "lost", f"{where}: {error}; {_runs(first_run_id)}"
    return ("held" if is_struck() else "not struck"), ""


def _refused(first_run_id: int) -> list[int]:
    """The runs that ended since HubSpot refused the whole connection."""
    return [one.id for one in pulling.all_rows(Run) if one.id >= first_run_id and one.error in CONTINUABLE]


def _go_on(bed: Bed, flow: Flow, prepared: int, run_id: int) -> None:
    """A person presses Continue where the pages offer it, else begins the flow once more."""
    try:
        resume_by_person.go_on(current_services(), run_id)
    except RefusedError:
        flow.begin(bed, prepared)
    else:
        bed.continued += 1
    bed.come_to_rest()


def _watch(bed: Bed, is_struck: Any) -> None:
    """Let a fault that acts during the flow act, as long as the flow goes on."""
    while bed.busy_with() and not is_struck():
        time.sleep(_POLL_S)


def _runs(first_run_id: int) -> str:
    found = [run for run in pulling.all_rows(Run) if run.id >= first_run_id]
    return "; ".join(f"{run.kind} {run.state} {run.error or ''} {run.counts}" for run in found)


def _calls(log: Sequence[dict[str, Any]]) -> list[Place]:
    """The calls of the API that a flow makes, each with how often the same was made before."""
    seen: dict[tuple[str, str], int] = {}
    places: list[Place] = []
    for call in log:
        method, path = call["method"], call["path"]
        # What looks at the portal for a picture speaks another version of the API than the product.
        if "/crm/" not in path or "/crm/v3/" in path or "/properties/" in path:
            continue
        passing = seen.get((method, path), 0)
        seen[method, path] = passing + 1
        is_write = method != "GET" and not path.endswith(_READING)
        places.append(Place(method, path, passing, is_write))
    return places
