"""The plan of a deletion, decided from the record's present state.

A deletion concerns this side alone: the record goes with its link, HubSpot is not touched, and a tombstone of
its object keeps every later pull from bringing it back. The entry in the log keeps all that an undo needs.
"""

from typing import Any, Literal, Self

from msgspec import Struct, field, structs

from webapp.domain.links.facts import DELETED_HERE
from webapp.domain.records.values import Change, Value
from webapp.domain.runs import outcomes
from webapp.domain.runs.options import ContactChoice

MOST_AT_ONCE = 100
"""The most contacts that are deleted with their company while a person waits; more need a run."""

_BURIED = frozenset({"linked", "stopped", "gone"})
"""Links in these states leave a tombstone; a merged or refused object no longer exists and needs none."""


class Terms(Struct, frozen=True):
    """The choices of the person who deletes.

    Attributes:
        contacts: what becomes of the contacts of a company.
        company_id: the company that they are given, where they are moved.
    """

    contacts: ContactChoice = "leave"
    company_id: int | None = None


class Linked(Struct, frozen=True):
    """A link of a record, in one connection."""

    connection_id: int
    remote_id: str
    state: str


class Present(Struct, frozen=True, kw_only=True):
    """A record before its deletion.

    Attributes:
        values: its fields; None where it is not here.
        links: its links, one for each connection at the most.
        contacts: of a company, how many contacts belong to it.
        is_being_sent: whether a run is sending it to HubSpot at this moment.
    """

    values: dict[str, Value] | None
    links: tuple[Linked, ...] = ()
    contacts: int = 0
    is_being_sent: bool = False

    def without_contacts(self) -> Self:
        """The company after its contacts were deleted or moved."""
        return structs.replace(self, contacts=0)


class DeletionPlan(Struct, frozen=True, kw_only=True):
    """How one record is deleted, or why it is kept.

    Attributes:
        verb: `delete` the record, `move` a contact to another company, or `leave` it as it is.
        changes: `(field, value, None)` each of a record that goes; of a contact that moves, its company.
        tombstones: the links whose objects must not come back.
    """

    verb: Literal["delete", "move", "leave"]
    outcome: str
    reason: str
    changes: list[Change] = field(default_factory=list)
    detail: dict[str, Any] | None = None
    tombstones: tuple[Linked, ...] = ()


def plan_deletion(present: Present) -> DeletionPlan:
    """Decide how a record is deleted, or whether it is kept.

    A company is deleted after its contacts; while any contact is left, both stay.
    """
    if present.values is None:
        return _left("deleted_already")
    if present.is_being_sent:
        return _left("being_sent")
    if present.contacts:
        return _left("has_contacts", contacts=present.contacts)
    return DeletionPlan(
        verb="delete",
        outcome=outcomes.UPDATED,
        reason=DELETED_HERE,
        changes=[(name, value, None) for name, value in present.values.items() if value is not None],
        tombstones=tuple(link for link in present.links if link.state in _BURIED),
    )


def plan_contact(present: Present, terms: Terms) -> DeletionPlan:
    """Decide about a contact of a company that is to be deleted; the contact exists here.

    Args:
        present: The contact.
        terms: The terms, by which contacts are deleted or moved.
    """
    if terms.contacts == "delete":
        return plan_deletion(present)
    company_id = (present.values or {}).get("company_id")
    return DeletionPlan(
        verb="move",
        outcome=outcomes.UPDATED,
        reason="company_given",
        changes=[("company_id", company_id, terms.company_id)],
    )


def _left(reason: str, **detail: Any) -> DeletionPlan:
    return DeletionPlan(verb="leave", outcome=outcomes.SKIPPED, reason=reason, detail=detail or None)


class Extent(Struct, frozen=True, kw_only=True):
    """The extent of a deletion, before anything is done.

    Attributes:
        records: how many records are to be deleted.
        linked: how many of these are linked to an object in HubSpot.
        owning: of companies, how many have contacts.
        contacts: how many contacts these have, in all.
        most: how far each was counted: a larger figure means "more than that"; None without a limit.
    """

    records: int
    linked: int = 0
    owning: int = 0
    contacts: int = 0
    most: int | None = None

    @property
    def is_all_linked(self) -> bool:
        """Whether each of the records is known to be linked."""
        return self.linked == self.records and (self.most is None or self.records <= self.most)


def choices_of(extent: Extent) -> tuple[ContactChoice, ...]:
    """The choices for the contacts of companies that are to be deleted; empty if there are no contacts.

    For one company a person has to choose: leaving its contacts would leave the company as well.
    """
    if not extent.contacts:
        return ()
    return ("delete", "move") if extent.records == 1 else ("leave", "delete", "move")


def is_for_a_run(extent: Extent, terms: Terms) -> bool:
    """Whether a deletion is so large that it needs a run, started by an administrator."""
    return extent.records > 1 or (terms.contacts != "leave" and extent.contacts > MOST_AT_ONCE)
