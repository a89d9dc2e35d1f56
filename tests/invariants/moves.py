"""Contacts that people move here while HubSpot merges, deletes or restores companies."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.invariants.machine import picked
from tests.invariants.people import PICKS, People
from tests.invariants.syncs import Syncs
from tests.support.invariants.world import Thing
from tests.support.usecases import pulling
from webapp.domain.links.base import COMPANY

_READS = st.lists(st.sampled_from(("refresh", "reconcile", "auto_push")), max_size=2)
_SEEDS = st.integers(0, 1000)


class Moves(People, Syncs):
    """Steps about the companies of contacts."""

    @rule(pick=PICKS, company=PICKS, is_kept=st.booleans(), new_id=st.booleans(), reads=_READS, seed=_SEEDS)
    @precondition(lambda self: self.was_pulled)
    def move_here_while_the_company_is_merged(
        self, pick: int, company: int, reads: list[str], seed: int, *, is_kept: bool, new_id: bool
    ) -> None:
        """The contact goes along with the company that it had: nobody has moved it there (B48)."""
        found = self._moving(pick, company)
        if found is None:
            return
        contact, former, firm = found
        self.add("companies", "there", is_known=True)
        stranger = self.world.there("companies")[-1]
        self.typed.forget_all()
        self._move(contact, firm)
        both = (former, stranger) if is_kept else (stranger, former)
        self.world.merge_there("companies", *both, new_id=new_id)
        self._read_by(reads, seed)

    @rule(pick=PICKS, company=PICKS, is_seen=st.booleans(), reads=_READS, seed=_SEEDS)
    @precondition(lambda self: self.was_pulled)
    def move_here_while_the_company_is_away(
        self, pick: int, company: int, reads: list[str], seed: int, *, is_seen: bool
    ) -> None:
        """The contact's new company is deleted in HubSpot, and restored later: it gets the contact then."""
        found = self._moving(pick, company)
        if found is None:
            return
        contact, _, firm = found
        [away] = [one.remote_id for one in self.world.links("companies") if str(one.record_id) == firm.id]
        [thing] = [one for one in self.world.there("companies") if one.id == away]
        self.typed.forget_all()
        self.world.archive_there("companies", thing)
        if is_seen:
            self.compare()
        self._move(contact, firm)
        with self.checked(fails="association_refused"):
            if (run_id := self.begun_by_nobody("auto_push", 0)) is not None:
                pulling.worked_off(run_id)
        self.world.restore_there("companies", away)
        self._read_by(reads, seed)
        self.compare()

    def _moving(self, pick: int, company: int) -> tuple[Thing, Thing, Thing] | None:
        """A linked contact, the object of its company, and another linked company here."""
        pair = self.linked_pair("contacts", pick)
        there = {one.id: one for one in self.world.there("companies")}
        linked = {str(one.record_id): one for one in self.world.links("companies") if one.state == "linked"}
        if pair is None or pair[1].company is None:
            return None
        others = [
            one
            for one in self.world.here("companies")
            if one.id in linked and linked[one.id].remote_id in there.keys() - {pair[1].company}
        ]
        firm = picked([one for one in others if one.id != pair[0].company], company)
        return (pair[0], there[pair[1].company], firm) if firm is not None else None

    def _move(self, contact: Thing, firm: Thing) -> None:
        self.typed.add("contacts", contact, COMPANY, firm.id)
        self.world.type_here("contacts", contact, **{COMPANY: firm.id})

    def _read_by(self, reads: list[str], seed: int) -> None:
        for kind in reads:
            self.run_automatically(kind, seed)
        self.run_automatically("auto_push", 0)
