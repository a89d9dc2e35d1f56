"""Trouble at HubSpot: a permission that goes, refused values, odd answers, and a search that lags."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import update

from tests.invariants.machine import begun_reconcile, picked
from tests.invariants.people import FIELD, KINDS, PICKS, People
from tests.invariants.syncs import Syncs
from tests.support.applications.rest import come_to_rest
from tests.support.applications.services import current_services, reading, writing
from tests.support.applications.turns import take_turns
from tests.support.faults.kills import finished_in_the_end
from tests.support.invariants import laws, log_laws
from tests.support.usecases import pulling
from webapp.domain.links.base import COMPANY
from webapp.domain.push.creation_checks import CHECKED_AFTER
from webapp.domain.records.fields import ObjectType
from webapp.domain.runs.kinds import is_automatic
from webapp.models import Connection, CreationCheck, Run
from webapp.store.connection import connections, troubles
from webapp.usecases.push.new_objects import creation_checks

_VALUES = st.sampled_from(("Ulm", "Bonn", "Kiel"))
_ODDITIES = st.sampled_from(("number", "infinite", "date", "shape"))
_ODD_PAGES = st.sampled_from(("empty_page", "reversed_page", "same_page"))
_SCOPES = st.sampled_from(
    tuple(f"crm.objects.{kind}.{right}" for kind in ("companies", "contacts") for right in ("read", "write"))
)
_PROBE_CALLS = 2
"""A probe, and its one repetition, since its answer could be a whim."""


class Troubles(People, Syncs):
    """Steps of trouble at HubSpot."""

    @rule(scope=_SCOPES, kind=KINDS, pick=PICKS, field=FIELD, value=_VALUES)
    @precondition(lambda self: self.was_pulled)
    def withdraw_a_scope(self, scope: str, kind: ObjectType, pick: int, field: str, value: str) -> None:
        """A permission goes while an edit waits; sync pauses, probes, and goes on when it is back (B45)."""
        with self.checked():
            # Nobody has worked off the queues of the steps before.
            current_services().redis.flushall()
            self.world.sandbox.settings(withheld_scopes=[scope])
            self.edit_here(kind, pick, field, value, 0)
            take_turns(2)
            if _is_paused():
                self._calls_are_few()
            self.world.sandbox.settings(withheld_scopes=[])
            _time_for_the_probe_comes()
            take_turns(2)
            assert not _is_paused()
        _one_row_an_hour()

    def _calls_are_few(self) -> None:
        """Nothing is called while it is too early for a probe, and then that alone."""
        calls = self.world.sandbox.counts()["calls"]
        take_turns(2)
        assert self.world.sandbox.counts()["calls"] == calls
        _time_for_the_probe_comes()
        take_turns(2)
        assert self.world.sandbox.counts()["calls"] - calls <= _PROBE_CALLS

    @rule(pick=PICKS, field=FIELD, value=_VALUES)
    @precondition(lambda self: self.was_pulled)
    def send_a_refused_value(self, pick: int, field: str, value: str) -> None:
        """HubSpot refuses a contact's address and takes the rest of the contact, and all others (B49)."""
        linked = {str(link.record_id) for link in self.world.links("contacts") if link.state == "linked"}
        record = picked([one for one in self.world.here("contacts") if one.id in linked], pick)
        if record is None or record.values[field] == value:
            return
        address = pulling.contact(int(record.id)).email
        self.typed.forget("contacts", record.id, field)
        self.world.edit_here("contacts", record, email="no address", **{field: value})
        self.run_bulk("push")
        self.world.edit_here("contacts", record, email=address)

    @rule(kind=st.sampled_from(("pull", "push")), oddity=_ODDITIES, after=st.integers(0, 6))
    def run_with_odd_object(self, kind: str, oddity: str, after: int) -> None:
        """One object of an answer is odd: it fails alone, and the next run makes up for it (B49)."""
        with self.checked(rests=False, fails="unreadable_object") as ledger:
            self.world.sandbox.fault("odd", path="/crm/objects/*", oddity=oddity, after=after)
            run = finished_in_the_end(pulling.worked_off(self.begun(kind)))
        unread = {str(entry.remote_id) for _, entry in ledger.entries if entry.reason == "unreadable_object"}
        assert len(unread) <= 1
        self.was_pulled = self.was_pulled or kind == "pull"
        law = laws.after_pull if kind == "pull" else laws.after_push
        law(ledger.opening, ledger.closing, run, unread=unread)
        self.run_bulk(kind)

    @rule(oddity=_ODD_PAGES, after=st.integers(0, 4))
    @precondition(lambda self: self.was_pulled)
    def compare_with_odd_page(self, oddity: str, after: int) -> None:
        """A page is empty, out of order, or leads back: it is read again (B49)."""
        with self.checked():
            self.world.sandbox.fault("odd", path="*/search", oddity=oddity, after=after % 2)
            pulling.worked_off(begun_reconcile())
        self.compare()

    @rule()
    def push_right_after_pull(self) -> None:
        """What the pull brought is not written back (B48)."""
        before = laws.picture(self.world)
        self.run_bulk("pull")
        with self.checked(rests=False) as ledger:
            finished_in_the_end(pulling.worked_off(self.begun("push")))
        log_laws.nothing_written_back(before, ledger.closing, ledger.entries)

    @rule(pick=PICKS, company=PICKS, field=FIELD, value=_VALUES)
    @precondition(lambda self: self.was_pulled)
    def edit_what_has_moved(self, pick: int, company: int, field: str, value: str) -> None:
        """A field of a contact is sent while nobody knows that it got another company in HubSpot (B48)."""
        pair, firm = self.linked_pair("contacts", pick), picked(self.world.there("companies"), company)
        if pair is None or firm is None:
            return
        self.typed.forget("contacts", pair[0].id, COMPANY)
        self.world.move_there(pair[1], firm)
        self.typed.add("contacts", pair[0], field, value)
        self.world.type_here("contacts", pair[0], **{field: value})
        self.run_automatically("auto_push", 0)

    @rule(has_contact=st.booleans(), is_worked_on=st.booleans())
    def make_meanwhile(self, *, has_contact: bool, is_worked_on: bool) -> None:
        """Somebody makes a company that a push makes as well, since the search does not show it yet (B50)."""
        self.run_bulk("push")
        self.add("companies", "both", is_known=True)
        tag = f"Thing {self.last_tag}"
        [local] = [one for one in self.world.here("companies") if one.tag == tag]
        [remote] = [one for one in self.world.there("companies") if one.tag == tag]
        if has_contact:
            self.last_tag += 1
            self.world.add_here("contacts", f"Thing {self.last_tag}", f"eva@n{self.last_tag}.de", local.id)
        with self.checked(has_two=is_worked_on) as ledger:
            self.world.sandbox.settings(search_delay_s=3600)
            finished_in_the_end(pulling.worked_off(self.begun("push")))
            if is_worked_on:
                ours = next(
                    one.remote_id for one in self.world.links("companies") if one.record_id == int(local.id)
                )
                self.world.sandbox.update("companies", ours, {"description": "Called them."})
            self.world.sandbox.settings(search_delay_s=0)
            _search_has_caught_up()
            creation_checks.begin_due(current_services())
        self._one_is_left(ledger.closing, local.id, remote.id, is_worked_on=is_worked_on)

    def _one_is_left(
        self, after: laws.Picture, record_id: str, remote_id: str, *, is_worked_on: bool
    ) -> None:
        """The other object stays, unless somebody has worked on ours; then a person decides."""
        linked_to, _state = after.links["companies"][record_id]
        assert (linked_to == remote_id) is not is_worked_on
        held = [one.remote_id for one in pulling.left_out("companies") if one.reason == "made_meanwhile"]
        assert (remote_id in held) is is_worked_on
        if is_worked_on:
            [other] = [one for one in after.there["companies"] if one.id == remote_id]
            self.world.archive_there("companies", other)


def _is_paused() -> bool:
    with reading() as session:
        return troubles.lasting(connections.current(session)) is not None


def _time_for_the_probe_comes() -> None:
    now = datetime.now(UTC)
    with writing() as session:
        session.execute(update(Connection).values(probe_at=now))
        session.execute(update(Run).where(Run.state == "running").values(not_before=now))


def _search_has_caught_up() -> None:
    """Let twice HubSpot's lag go by since the pushes ended."""
    come_to_rest()
    long_ago = datetime.now(UTC) - 3 * CHECKED_AFTER
    with writing() as session:
        session.execute(update(CreationCheck).values(not_before=long_ago))
        session.execute(update(Run).where(Run.finished_at.is_not(None)).values(finished_at=long_ago))


def _one_row_an_hour() -> None:
    """Of what begins without a person there is one run for each kind and hour."""
    hourly = [run for run in pulling.all_rows(Run) if is_automatic(run.trigger)]
    hours = sorted((run.kind, run.created_at.replace(minute=0, second=0, microsecond=0)) for run in hourly)
    assert [1] * len({*hours}) == [len(list(some)) for _, some in groupby(hours)], hours
