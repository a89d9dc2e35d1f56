"""The faults, each struck at one place of a flow: a call, a step, or all of the time.

A flow that calls nobody is struck at its steps alone.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from tests.chaos.beds.bed import Bed
from tests.support.applications.services import current_services

_IN_THE_CALL_MS = 400
_LATE_MS = 1_200
"""After so long a call arrives behind the start of what its sender has left."""
_SKEW_S = 90.0
KILLED = "worker killed"
"""The fault of which `kills` makes one strike for each durable step."""


_LIST = re.compile(r"/crm/objects/[^/]+/(companies|contacts)")


class Place(NamedTuple):
    """One call of a flow: the `passing`-th repetition of a method and path passes first."""

    method: str
    path: str
    passing: int
    is_write: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.passing + 1})"


class Baseline(NamedTuple):
    """What an undisturbed flow does: its calls in their order, and the durable steps of its workers."""

    calls: list[Place]
    steps: list[str]


class Strike(NamedTuple):
    """A fault at its place.

    Attributes:
        fault: its name.
        place: where, as a text.
        around: what is in force while the flow runs. It yields a function that says whether the fault has
            struck, and lets one strike that has to act in the middle of the flow.
        earlier: the same fault one repetition before, if there is one: how often a flow repeats a step is up
            to its workers.
    """

    fault: str
    place: str
    around: Callable[[Bed], Any]
    earlier: Strike | None = None


def strikes(baseline: Baseline) -> Iterator[Strike]:
    """Every fault at its places in a flow."""
    places = _places(baseline)
    for name, fault in _ANSWERS.items():
        is_after = fault.get("effect") == "after" or fault["kind"] == "cut_after"
        for place in _chosen(places, writes_only=is_after):
            yield _strike_at(place, name, partial(_answered, fault=fault))
    for name, act in _IN_THE_CALL.items():
        for place in _chosen(places, writes_only=False):
            yield _strike_at(place, name, partial(_during, act=act))
    for place in _chosen(places, writes_only=True) if places.writes else ():
        late = partial(_during, act=_cut_power, latency_ms=_LATE_MS)
        yield _strike_at(place, "all processes killed, the write comes in late", late)
    for place in _chosen(places, writes_only=False):
        yield _strike_at(place, "worker stopped for longer than its lease", _stopped_ahead)
    lists = [one for one in places.reads if _LIST.fullmatch(one.path)]
    for place in lists[len(lists) // 2 :][:1]:
        yield _strike_at(place, "cursors of another kind", partial(_during, act=_change_cursors))
    if not places.reads and not places.writes:
        for name in _WITHOUT_A_CALL:
            yield from _strikes_at_steps(name, baseline.steps)
    yield Strike("workers' clocks ahead", "all the time", _skewed(_SKEW_S))
    yield Strike("workers' clocks behind", "all the time", _skewed(-_SKEW_S))


def kills(baseline: Baseline) -> Iterator[Strike]:
    """A worker killed behind each of its durable steps, the first time and the last."""
    for step in dict.fromkeys(of_flow(baseline.steps)):
        times = baseline.steps.count(step)
        for passing in sorted({0, times - 1}):
            yield _kill_at(step, passing)


def of_flow(steps: Iterable[str]) -> list[str]:
    """The steps without what the schedule does in between, whatever flow it is."""
    return [one for one in steps if not one.startswith(_HOUSEKEEPING)]


def _strikes_at_steps(fault: str, steps: Iterable[str]) -> Iterator[Strike]:
    """A fault behind the step in the middle of a flow that calls nobody."""
    own = of_flow(steps)
    for step in own[len(own) // 2 :][:1]:
        yield Strike(fault, f"{step} (1)", partial(behind, step=step, act=_IN_THE_CALL[fault]))


def _strike_at(place: Place, fault: str, around_of: Callable[[Place], Callable[[Bed], Any]]) -> Strike:
    """A fault at a call, and at the same call before it."""
    earlier = place._replace(passing=place.passing - 1)
    before = _strike_at(earlier, fault, around_of) if place.passing else None
    return Strike(fault, str(place), around_of(place), before)


def _kill_at(step: str, passing: int) -> Strike:
    before = _kill_at(step, passing - 1) if passing else None
    return Strike(KILLED, f"{step} ({passing + 1})", _killed(step, passing), before)


_HOUSEKEEPING = tuple(
    f"committed usecases.{name}."
    for name in ("home.overview", "people", "records.search_texts", "runs.retention", "notifications.due")
)
"""What the schedule does in between, whatever flow it is, and at whatever moment."""


class _Places(NamedTuple):
    reads: list[Place]
    writes: list[Place]


def _places(baseline: Baseline) -> _Places:
    return _Places(
        [one for one in baseline.calls if not one.is_write], [one for one in baseline.calls if one.is_write]
    )


def _chosen(places: _Places, *, writes_only: bool) -> list[Place]:
    """The first and the last write, and a read in the middle; of a flow without writes reads alone."""
    reads = places.reads[len(places.reads) // 2 :][:1]
    writes = list(dict.fromkeys([*places.writes[:1], *places.writes[-1:]]))
    return (writes or reads) if writes_only else [*writes, *reads]


_ANSWERS: dict[str, dict[str, Any]] = {
    "429, ten seconds' limit": {"kind": "status", "status": 429, "policy": "burst", "retry_after_s": 1},
    "429, day's limit": {"kind": "status", "status": 429, "policy": "daily", "retry_after_s": 1},
    "429, search limit": {"kind": "status", "status": 429, "policy": "search"},
    "423, locked": {"kind": "status", "status": 423},
    "477, migrating": {"kind": "status", "status": 477, "retry_after_s": 1},
    "500": {"kind": "status", "status": 500},
    "502 after the work": {"kind": "status", "status": 502, "effect": "after"},
    "503, six times": {"kind": "status", "status": 503, "times": 6},
    "401, expired": {"kind": "status", "status": 401},
    "cut before the work": {"kind": "cut_before"},
    "cut after the work": {"kind": "cut_after"},
    "half an answer": {"kind": "malformed", "body": "truncated"},
    "half an answer after the work": {"kind": "malformed", "body": "truncated", "effect": "after"},
    "a page of HTML after the work": {"kind": "malformed", "body": "html", "effect": "after"},
    "slow answer": {"kind": "latency", "latency_ms": 2_500},
}


def _answered(place: Place, fault: dict[str, Any]) -> Callable[[Bed], Any]:
    @contextmanager
    def around(bed: Bed) -> Iterator[Callable[[], bool]]:
        bed.sandbox.fault(method=place.method, path=place.path, after=place.passing, **fault)
        try:
            yield lambda: any(one["hits"] for one in bed.sandbox.faults())
        finally:
            bed.sandbox.clear_faults()

    return around


def _during(
    place: Place, act: Callable[[Bed], None], latency_ms: float = _IN_THE_CALL_MS
) -> Callable[[Bed], Any]:
    """Act while HubSpot works on a call."""

    @contextmanager
    def around(bed: Bed) -> Iterator[Callable[[], bool]]:
        bed.sandbox.fault(
            "latency",
            method=place.method,
            path=place.path,
            after=place.passing,
            latency_ms=latency_ms,
        )
        struck: list[bool] = []

        def strike() -> bool:
            if not struck and any(one["hits"] for one in bed.sandbox.faults()):
                struck.append(True)
                act(bed)
            return bool(struck)

        try:
            yield strike
        finally:
            bed.sandbox.clear_faults()

    return around


@contextmanager
def behind(bed: Bed, *, step: str, act: Callable[[Bed], None]) -> Iterator[Callable[[], bool]]:
    """Act while a process waits behind a step."""
    bed.orders.hold_at(step)
    struck: list[bool] = []

    def strike() -> bool:
        if not struck and bed.orders.is_held():
            struck.append(True)
            act(bed)
            bed.orders.let_go()
        return bool(struck)

    try:
        yield strike
    finally:
        bed.orders.let_go()


def _stopped_ahead(place: Place) -> Callable[[Bed], Any]:
    """Stop a worker ahead of a call; when another one has taken its run over, it goes on with the call."""

    @contextmanager
    def around(bed: Bed) -> Iterator[Callable[[], bool]]:
        bed.orders.stop_ahead_of(f"{place.method} {place.path}", place.passing)
        struck: list[bool] = []

        def strike() -> bool:
            pid = bed.orders.stopped()
            if pid is not None and not struck:
                struck.append(True)
                bed.take_over_from(pid)
            return bool(struck)

        yield strike

    return around


def _cut_power(bed: Bed) -> None:
    bed.cut_power()


def _kill_workers(bed: Bed) -> None:
    bed.kill_workers()


def _wipe_redis(_: Bed) -> None:
    current_services().redis.flushall()


def _lock_database(_: Bed) -> None:
    path = current_services().settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path, isolation_level=None) as holder:
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(2)
        holder.execute("ROLLBACK")


def _withdraw_token(bed: Bed) -> None:
    """The token ends; when that was noticed, the bed gets it back and connects again."""
    bed.sandbox.revoke_tokens()


def _withdraw_scopes(bed: Bed) -> None:
    bed.sandbox.settings(withheld_scopes=["crm.objects.contacts.write", "crm.objects.contacts.read"])
    time.sleep(1)
    bed.sandbox.settings(withheld_scopes=[])


def _change_cursors(bed: Bed) -> None:
    """From now on a list's cursor says nothing: several readers cannot share it any more."""
    bed.sandbox.settings(cursors="opaque")


_IN_THE_CALL: dict[str, Callable[[Bed], None]] = {
    "all processes killed, Redis empty": _cut_power,
    "workers and schedule killed": _kill_workers,
    "Redis emptied": _wipe_redis,
    "database locked for 2 s": _lock_database,
    "token withdrawn": _withdraw_token,
    "scopes withdrawn for 1 s": _withdraw_scopes,
}

_WITHOUT_A_CALL = (
    "all processes killed, Redis empty",
    "workers and schedule killed",
    "Redis emptied",
    "database locked for 2 s",
)
"""Those that need no call of HubSpot to strike in."""


def _skewed(seconds: float) -> Callable[[Bed], Any]:
    @contextmanager
    def around(bed: Bed) -> Iterator[Callable[[], bool]]:
        bed.looked_for_changes(at=datetime.now(UTC) + timedelta(seconds=max(seconds, 0.0)))
        bed.orders.set_skew(seconds)
        try:
            yield lambda: bool(bed.orders.passed())
        finally:
            bed.orders.set_skew(0)

    return around


def _killed(step: str, passing: int) -> Callable[[Bed], Any]:
    @contextmanager
    def around(bed: Bed) -> Iterator[Callable[[], bool]]:
        bed.orders.kill_at(step, passing)
        yield bed.orders.was_killed

    return around
