"""People on both sides, pushes, pulls, notices, comparisons, faults and killed workers, in any order."""

from __future__ import annotations

from random import Random
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.support import laws, pulling
from tests.support.kills import PowerCutError, finished_in_the_end, killed_after
from tests.support.services import bound_jobs, current_services
from tests.support.world import FIELDS, Thing, World
from webapp.domain.records.fields import ObjectType
from webapp.models import Run
from webapp.store.pull import apply as pull_apply
from webapp.store.push import announcing
from webapp.store.push import apply as push_apply
from webapp.store.push import associations as push_associations
from webapp.usecases.reconcile import begin as begin_reconcile

_KINDS = st.sampled_from(("companies", "contacts"))
_SIDES = st.sampled_from(("here", "there", "both"))
_FIELDS = st.sampled_from(FIELDS)
_TEXTS = st.sampled_from(("Ulm", "Bonn", "Kiel", ""))
_PICKS = st.integers(min_value=0, max_value=30)
_FAULTS = st.sampled_from(
    (
        {"kind": "cut_before"},
        {"kind": "cut_after"},
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 502, "effect": "after"},
        {"kind": "malformed", "effect": "after"},
    )
)
_KILLS: dict[str, tuple[tuple[ModuleType, str], ...]] = {
    "pull": ((pull_apply, "write_page"),),
    "push": ((announcing, "announce"), (push_apply, "write_results"), (push_associations, "write")),
}


class Books(RuleBasedStateMachine):
    """One example: two empty sides, and what is done to them."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.last_tag = 0
        self.was_pulled = False

    @initialize(first=st.sampled_from(("", "pull", "push")))
    def begin(self, first: str) -> None:
        """Every example begins with companies and contacts on either side and on both, synced or not."""
        self.world.begin()
        for side in ("here", "there", "both"):
            self._add("companies", side, is_known=True)
            self._add("contacts", side, is_known=True)
        if first:
            self._run(first)

    @rule(side=_SIDES, is_known=st.booleans())
    def add_company(self, side: str, *, is_known: bool) -> None:
        """Somebody makes a company, with or without a domain."""
        self._add("companies", side, is_known=is_known)

    @rule(side=_SIDES, is_known=st.booleans(), pick=_PICKS)
    def add_contact(self, side: str, pick: int, *, is_known: bool) -> None:
        """Somebody makes a contact, with or without an address."""
        self._add("contacts", side, is_known=is_known, pick=pick)

    @rule(kind=_KINDS, pick=_PICKS, field=_FIELDS, value=_TEXTS)
    def edit_here(self, kind: ObjectType, pick: int, field: str, value: str) -> None:
        """Somebody changes or clears a field here."""
        record = _picked(self.world.here(kind), pick)
        if record is not None:
            self.world.edit_here(kind, record, **{field: value or None})

    @rule(kind=_KINDS, pick=_PICKS, field=_FIELDS, value=_TEXTS)
    def edit_there(self, kind: ObjectType, pick: int, field: str, value: str) -> None:
        """Somebody changes or clears a property in HubSpot."""
        found = _picked(self.world.there(kind), pick)
        if found is not None:
            self.world.edit_there(kind, found, field, value)

    @rule(pick=_PICKS, company=_PICKS)
    def move_here(self, pick: int, company: int) -> None:
        """A contact changes its company here."""
        contact, firm = (
            _picked(self.world.here("contacts"), pick),
            _picked(self.world.here("companies"), company),
        )
        if contact is not None and firm is not None:
            self.world.edit_here("contacts", contact, company_id=int(firm.id))

    @rule(pick=_PICKS, company=_PICKS)
    def move_there(self, pick: int, company: int) -> None:
        """A contact changes its company in HubSpot."""
        contact, firm = (
            _picked(self.world.there("contacts"), pick),
            _picked(self.world.there("companies"), company),
        )
        if contact is not None and firm is not None:
            self.world.move_there(contact, firm)

    @rule(kind=_KINDS, pick=_PICKS)
    def archive_there(self, kind: ObjectType, pick: int) -> None:
        """Somebody deletes an object."""
        found = _picked(self.world.there(kind), pick)
        if found is not None:
            self.world.archive_there(kind, found)

    @rule(kind=_KINDS, pick=_PICKS, other=_PICKS, new_id=st.booleans())
    def merge_there(self, kind: ObjectType, pick: int, other: int, *, new_id: bool) -> None:
        """Somebody merges an object that is only there into another one."""
        there = self.world.there(kind)
        here = {one.tag for one in self.world.here(kind)}
        linked = {link.remote_id for link in self.world.links(kind)}
        survivor = _picked(there, pick)
        strangers = [one for one in there if one.tag not in here and one.id not in linked and one != survivor]
        absorbed = _picked(strangers, other)
        if survivor is not None and absorbed is not None:
            self.world.merge_there(kind, survivor, absorbed, new_id=new_id)

    @rule(seed=st.integers(0, 1000))
    @precondition(lambda self: self.was_pulled)
    def hear(self, seed: int) -> None:
        """HubSpot tells of what has happened, not all of it, and it is looked into."""
        before = laws.picture(self.world)
        self.world.deliver_events(Random(seed))  # noqa: S311 - the same story for the same seed
        bound_jobs().begin_refresh(self.world.connection_id)
        run = _latest("refresh")
        if run is not None:
            after_run = finished_in_the_end(pulling.worked_off(run.id))
            laws.after_any_run(before, laws.picture(self.world), after_run, self.world)

    @rule()
    @precondition(lambda self: self.was_pulled)
    def compare_everything(self) -> None:
        """What no notice told of is found, whatever it was."""
        before = laws.picture(self.world)
        started = begin_reconcile.start(current_services(), trigger="button", user_id=None, is_full=True)
        run = finished_in_the_end(pulling.worked_off(started.run_id))
        after = laws.picture(self.world)
        laws.after_any_run(before, after, run, self.world)
        laws.after_comparison(after, self.world)

    @rule(kind=st.sampled_from(("pull", "push")))
    def run(self, kind: str) -> None:
        """Somebody presses a button."""
        self._run(kind)

    @rule(kind=st.sampled_from(("pull", "push")), fault=_FAULTS, after=st.integers(0, 12))
    def run_with_fault(self, kind: str, fault: dict[str, Any], after: int) -> None:
        """A call is refused, or its answer lost, before or after it took effect."""
        before = laws.picture(self.world)
        self.world.sandbox.fault(path="/crm/*", after=after, **fault)
        self._judge(kind, before, pulling.begun(self.world.connection_id, kind))

    @rule(kind=st.sampled_from(("pull", "push")), place=_PICKS, call=st.integers(1, 4), wipes=st.booleans())
    def run_with_kill(self, kind: str, place: int, call: int, *, wipes: bool) -> None:
        """The worker is killed around one of its writes, and Redis may be emptied."""
        module, name = _KILLS[kind][place % len(_KILLS[kind])]
        before = laws.picture(self.world)
        run_id = pulling.begun(self.world.connection_id, kind)
        try:
            with killed_after(module, name, call):
                pulling.worked_off(run_id)
        except PowerCutError:
            if wipes:
                current_services().redis.flushall()
        self._judge(kind, before, run_id)

    @rule()
    @precondition(lambda self: self.last_tag > 0)
    def push_twice(self) -> None:
        """The second push right after the first writes nothing."""
        self._run("push")
        written = self.world.sandbox.counts()["writes"]
        self._run("push")
        assert self.world.sandbox.counts()["writes"] == written

    def _run(self, kind: str) -> None:
        before = laws.picture(self.world)
        self._judge(kind, before, pulling.begun(self.world.connection_id, kind))

    def _judge(self, kind: str, before: laws.Picture, run_id: int) -> None:
        run = finished_in_the_end(pulling.worked_off(run_id))
        self.world.sandbox.clear_faults()
        after = laws.picture(self.world)
        self.was_pulled = self.was_pulled or kind == "pull"
        laws.after_any_run(before, after, run, self.world)
        (laws.after_pull if kind == "pull" else laws.after_push)(before, after, run)

    def _add(self, kind: ObjectType, side: str, *, is_known: bool, pick: int = 0) -> None:
        """On both sides at once only what can be recognised."""
        self.last_tag += 1
        is_known = is_known or side == "both"
        domain = f"n{self.last_tag}.de"
        key = (domain if kind == "companies" else f"eva@{domain}") if is_known else None
        for one, things, add in (
            ("here", self.world.here, self.world.add_here),
            ("there", self.world.there, self.world.add_there),
        ):
            if side in (one, "both"):
                company = _picked(things("companies"), pick) if kind == "contacts" else None
                if kind == "companies" or company is not None:
                    add(kind, f"Thing {self.last_tag}", key, company.id if company else None)


def _latest(kind: str) -> Run | None:
    """The run of this kind that is open, or ended last."""
    return next((run for run in reversed(pulling.all_rows(Run)) if run.kind == kind), None)


def _picked(things: list[Thing], pick: int) -> Thing | None:
    return things[pick % len(things)] if things else None
