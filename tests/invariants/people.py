"""What people do on either side, at whatever time the clock of their machine shows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.invariants.machine import Machine, picked
from tests.support.invariants.world import FIELDS
from webapp.domain.links.base import COMPANY
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType

KINDS = st.sampled_from(OBJECT_TYPES)
SIDES = st.sampled_from(("here", "there", "both"))
FIELD = st.sampled_from(FIELDS)
TEXTS = st.sampled_from(("Ulm", "Bonn", "Kiel", ""))
PICKS = st.integers(min_value=0, max_value=30)
CLOCKS = st.sampled_from((0, 0, 1, -1, 3600, -3600))
"""By how many seconds the clock of the web's machine is off."""


@contextmanager
def clock_off(seconds: int) -> Iterator[None]:
    """Let the web's machine have a clock of its own."""
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        yield


class People(Machine):
    """Steps of people, of which HubSpot may tell and which the outbox keeps."""

    @rule(side=SIDES, is_known=st.booleans())
    def add_company(self, side: str, *, is_known: bool) -> None:
        """Somebody makes a company, with or without a domain."""
        self.add("companies", side, is_known=is_known)

    @rule(side=SIDES, is_known=st.booleans(), pick=PICKS)
    def add_contact(self, side: str, pick: int, *, is_known: bool) -> None:
        """Somebody makes a contact, with or without an address."""
        self.add("contacts", side, is_known=is_known, pick=pick)

    @rule(kind=KINDS, pick=PICKS, field=FIELD, value=TEXTS, clock=CLOCKS)
    def edit_here(self, kind: ObjectType, pick: int, field: str, value: str, clock: int) -> None:
        """Somebody changes or clears a field here."""
        record = picked(self.world.here(kind), pick)
        if record is not None and (record.values[field] or "") != value:
            self.typed.add(kind, record, field, value)
            with clock_off(clock):
                self.world.type_here(kind, record, **{field: value})

    @rule(kind=KINDS, pick=PICKS, field=FIELD, value=TEXTS)
    def edit_there(self, kind: ObjectType, pick: int, field: str, value: str) -> None:
        """Somebody changes or clears a property in HubSpot."""
        found = picked(self.world.there(kind), pick)
        if found is not None:
            self.typed.forget_object(kind, found.id, field)
            self.world.edit_there(kind, found, field, value)

    @rule(pick=PICKS, company=PICKS, clock=CLOCKS)
    def move_here(self, pick: int, company: int, clock: int) -> None:
        """A contact changes its company here."""
        contact = picked(self.world.here("contacts"), pick)
        firm = picked(self.world.here("companies"), company)
        if contact is not None and firm is not None and contact.company != firm.id:
            self.typed.add("contacts", contact, COMPANY, firm.id)
            with clock_off(clock):
                self.world.type_here("contacts", contact, **{COMPANY: firm.id})

    @rule(pick=PICKS, company=PICKS)
    def move_there(self, pick: int, company: int) -> None:
        """A contact changes its company in HubSpot."""
        contact = picked(self.world.there("contacts"), pick)
        firm = picked(self.world.there("companies"), company)
        if contact is not None and firm is not None:
            self.typed.forget_object("contacts", contact.id, COMPANY)
            self.world.move_there(contact, firm)

    @rule(kind=KINDS, pick=PICKS)
    def archive_there(self, kind: ObjectType, pick: int) -> None:
        """Somebody deletes an object."""
        found = picked(self.world.there(kind), pick)
        if found is not None:
            self.typed.forget_all()
            self.world.archive_there(kind, found)

    @rule(pick=PICKS)
    def restore_there(self, pick: int) -> None:
        """Somebody brings a deleted object back whose record still knows it."""
        known = {(kind, link.remote_id) for kind in OBJECT_TYPES for link in self.world.links(kind)}
        archived = [one for one in self.world.archived if one in known]
        if archived:
            self.world.restore_there(*archived[pick % len(archived)])

    @rule(kind=KINDS, pick=PICKS, other=PICKS, new_id=st.booleans())
    def merge_there(self, kind: ObjectType, pick: int, other: int, *, new_id: bool) -> None:
        """Somebody merges an object that is only there into another one."""
        there = self.world.there(kind)
        here = {one.tag for one in self.world.here(kind)}
        linked = {link.remote_id for link in self.world.links(kind)}
        survivor = picked(there, pick)
        strangers = [one for one in there if one.tag not in here and one.id not in linked and one != survivor]
        absorbed = picked(strangers, other)
        if survivor is not None and absorbed is not None:
            self.typed.forget_all()
            self.world.merge_there(kind, survivor, absorbed, new_id=new_id)
