"""Runs one after the other: with faults, lost answers, and workers killed behind any of their steps."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.invariants.machine import Machine, begun_automatically, begun_reconcile
from tests.support.applications.services import current_services
from tests.support.applications.workers_in_turn import killed_behind
from tests.support.faults.kills import PowerCutError, finished_in_the_end
from tests.support.invariants import laws
from tests.support.usecases import pulling

_BULK = st.sampled_from(("pull", "push"))
_AUTOMATIC = st.sampled_from(("refresh", "auto_push", "reconcile"))
_SEEDS = st.integers(0, 1000)
_PATHS = st.sampled_from(("/crm/*", "/crm/*", "*/associations/*"))
_FAULTS = st.sampled_from(
    (
        {"kind": "cut_before"},
        {"kind": "cut_after"},
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 502, "effect": "after"},
        {"kind": "malformed", "effect": "after"},
    )
)


class Syncs(Machine):
    """Steps of buttons, of HubSpot's webhook events, and of the schedule."""

    @rule(kind=_BULK)
    def run(self, kind: str) -> None:
        """Somebody presses a button."""
        self.run_bulk(kind)

    @rule(kind=_BULK, path=_PATHS, fault=_FAULTS, after=st.integers(0, 12))
    def run_with_fault(self, kind: str, path: str, fault: dict[str, Any], after: int) -> None:
        """A call is refused, or its answer lost, before or after it took effect."""
        self.run_bulk(kind, fault={**fault, "path": path, "after": _calls_before(path, after)})

    @rule(kind=_BULK, step=st.integers(1, 40), wipes=st.booleans())
    def run_with_kill(self, kind: str, step: int, *, wipes: bool) -> None:
        """The worker is killed behind one of its steps, and Redis may be emptied."""
        self.run_bulk(kind, killed_at=step, wipes=wipes)

    @rule(kind=_AUTOMATIC, seed=_SEEDS)
    @precondition(lambda self: self.was_pulled)
    def run_automatically(self, kind: str, seed: int) -> None:
        """HubSpot tells of what has happened, not all of it; or edits are sent; or everything is compared."""
        with self.checked():
            if (run_id := self.begun_by_nobody(kind, seed)) is not None:
                pulling.worked_off(run_id)

    @rule(kind=_AUTOMATIC, seed=_SEEDS, step=st.integers(1, 25), wipes=st.booleans())
    @precondition(lambda self: self.was_pulled)
    def run_automatically_with_kill(self, kind: str, seed: int, step: int, *, wipes: bool) -> None:
        """The same, and the worker is killed."""
        with self.checked():
            if (run_id := self.begun_by_nobody(kind, seed)) is not None:
                _worked_off_and_killed(run_id, step, wipes=wipes)

    @rule(path=_PATHS, fault=_FAULTS, after=st.integers(0, 5))
    @precondition(lambda self: self.was_pulled)
    def send_edits_with_fault(self, path: str, fault: dict[str, Any], after: int) -> None:
        """A call is refused, or its answer lost, while edits are sent."""
        with self.checked():
            self.world.sandbox.fault(**fault, path=path, after=_calls_before(path, after))
            if (run_id := self.begun_by_nobody("auto_push", 0)) is not None:
                pulling.worked_off(run_id)

    @rule()
    @precondition(lambda self: self.was_pulled)
    def compare_everything(self) -> None:
        """Changes without a webhook event are found, of every kind."""
        self.compare()

    @rule()
    @precondition(lambda self: self.last_tag > 0)
    def push_twice(self) -> None:
        """The second push right after the first writes nothing."""
        self.run_bulk("push")
        written = self.world.sandbox.counts()["writes"]
        self.run_bulk("push")
        assert self.world.sandbox.counts()["writes"] == written

    def run_bulk(
        self,
        kind: str,
        *,
        fault: dict[str, Any] | None = None,
        killed_at: int | None = None,
        wipes: bool = False,
    ) -> None:
        """A pull or push to its end."""
        with self.checked(rests=False) as ledger:
            if fault is not None:
                self.world.sandbox.fault(**fault)
            run_id = self.begun(kind)
            if killed_at is None:
                pulling.worked_off(run_id)
            else:
                _worked_off_and_killed(run_id, killed_at, wipes=wipes)
            run = finished_in_the_end(pulling.run_of(run_id))
        self.was_pulled = self.was_pulled or kind == "pull"
        (laws.after_pull if kind == "pull" else laws.after_push)(ledger.opening, ledger.closing, run)

    def begun_by_nobody(self, kind: str, seed: int) -> int | None:
        """A run that no person requests, if there is something to do for it; its number."""
        if kind == "reconcile":
            return begun_reconcile()
        if kind == "refresh":
            self.world.deliver_events(Random(seed))  # noqa: S311 - the same story for the same seed
        return begun_automatically(kind, self.world.connection_id)


def _calls_before(path: str, after: int) -> int:
    """How many calls pass before the fault; of associations there are few."""
    return after if path == "/crm/*" else after % 2


def _worked_off_and_killed(run_id: int, step: int, *, wipes: bool) -> None:
    try:
        with killed_behind(step):
            pulling.worked_off(run_id)
    except PowerCutError:
        if wipes:
            current_services().redis.flushall()
