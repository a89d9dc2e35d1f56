"""The primary company that a push sets in HubSpot, and the end of an announced association."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct

from webapp.domain.links.base import COMPANY

PRIMARY = "primary_company"
"""The name under which the log keeps the company that a contact is associated with in HubSpot."""
PLAIN = "plain_company"
"""The name under which the log keeps a company that a contact has got beside its primary one, or lost."""

_LONGEST_CALL = timedelta(minutes=10)
"""No call is under way for longer, by far; what has not taken effect by then never will."""


class Companies(Struct, frozen=True):
    """The companies of a contact's object, as HubSpot answered: the primary one, and all ids."""

    primary: str | None = None
    ids: tuple[str, ...] = ()

    @property
    def chosen(self) -> str | None:
        """The company that a pull gives the contact: the primary one, otherwise the lowest id."""
        return self.primary or min(self.ids, key=_by_number, default=None)


class PairFacts(Struct, frozen=True, kw_only=True):
    """A linked contact and its linked company.

    Attributes:
        company_id, company_remote_id: the company here, and its object.
        local_seen, remote_seen: the base of the contact's link.
        companies: what HubSpot says of the contact now.
    """

    company_id: int
    company_remote_id: str
    local_seen: Mapping[str, Any]
    remote_seen: Mapping[str, Any]
    companies: Companies = Companies()

    @property
    def has_moved_here(self) -> bool:
        """Whether the contact has another company here than after the last sync."""
        return self.local_seen.get(COMPANY) != self.company_id

    @property
    def has_moved_there(self) -> bool:
        """Whether the contact belongs to another company in HubSpot than after the last sync."""
        return self.remote_seen.get(COMPANY) != self.companies.chosen


class SetPrimary(Struct, frozen=True):
    """Our company becomes the primary one in place of `before`; it may have been associated already."""

    before: str | None
    was_associated: bool


class KeepPrimary(Struct, frozen=True):
    """Nothing is written; `is_agreed` if both sides have the same company."""

    is_agreed: bool


Decision = SetPrimary | KeepPrimary


def is_disputed(facts: PairFacts) -> bool:
    """Whether both sides gave the contact another company since the last sync, and not the same one."""
    is_same = facts.companies.chosen == facts.company_remote_id
    return not is_same and facts.has_moved_here and facts.has_moved_there


def decide(facts: PairFacts, *, is_automatic: bool, is_later_here: bool = True) -> Decision:
    """The decision about a contact's primary company in HubSpot.

    Args:
        facts: The contact and its company, on both sides.
        is_automatic: Whether only what was changed here since the base is sent.
        is_later_here: Of a disputed company, whether the change here is the later one.
    """
    companies = facts.companies
    if companies.primary == facts.company_remote_id:
        return KeepPrimary(is_agreed=True)
    if companies.chosen == facts.company_remote_id and not facts.has_moved_here:
        # A pull brought the only company, or the first of several, of which HubSpot labels none as primary.
        return KeepPrimary(is_agreed=True)
    is_kept = not facts.has_moved_here or (is_disputed(facts) and not is_later_here)
    if is_automatic and is_kept:
        return KeepPrimary(is_agreed=False)
    return SetPrimary(companies.primary, facts.company_remote_id in companies.ids)


class Announced(Struct, frozen=True, kw_only=True):
    """An association that a run announced, and that no log entry has yet.

    Attributes:
        run_id, contact_id: the run, and the contact here.
        contact_remote_id: the contact's object; None while nobody knows what a create has made.
        company_id, company_remote_id: the company; None where an undo takes the primary label away.
        before: the primary company until then.
        was_associated: whether the object was associated with the company before, primary or not.
        is_reverting: whether the run is an undo.
        is_run_open: whether the run is still at work or waits.
    """

    id: int
    run_id: int
    contact_id: int
    contact_remote_id: str | None
    company_id: int | None
    company_remote_id: str | None
    before: str | None
    was_associated: bool
    announced_at: datetime
    name: str = ""
    is_reverting: bool = False
    is_run_open: bool = False


End = Literal["complete", "forget", "wait"]


def end_of(announced: Announced, primary: str | None, now: datetime) -> End:
    """How an announced association ended: it is written to the log of its run, forgotten, or still waits.

    The run itself knows no more than others: the call of a slice that was cut off may still be under way.

    Args:
        announced: What was announced.
        primary: The contact's primary company in HubSpot now.
        now: The present time.
    """
    if announced.is_reverting and announced.is_run_open:
        # It takes several calls, and only the undo knows how far they went.
        return "wait"
    if primary == announced.company_remote_id:
        return "complete"
    return "forget" if is_past_any_call(announced.announced_at, now) else "wait"


def is_past_any_call(moment: datetime, now: datetime) -> bool:
    """Whether no call that was begun by then can be under way any more."""
    return now - moment > _LONGEST_CALL


def _by_number(object_id: str) -> tuple[int, str]:
    """Orders ids as numbers: they are decimal texts of different lengths."""
    return len(object_id.lstrip("0")), object_id
