"""The plan for one object of a pull, as an immutable value."""

from collections.abc import Iterable
from collections.abc import Mapping as Values
from enum import Enum
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import Incoming, display_name
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.match import Evidence, Match
from webapp.domain.pull.facts import Facts, Remote
from webapp.domain.pull.origin import Origin
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import is_of_keys
from webapp.domain.records.values import Change, Value
from webapp.domain.rules.rule import Rule
from webapp.domain.runs import outcomes


class Plan(Struct, kw_only=True, frozen=True):
    """The plan of a pull for one object.

    Attributes:
        verb: `create` a record and link it; `update` a record, with its link; `touch` the link of one that is
            unchanged; `leave` the object unlinked, or a link as it is.
        outcome, reason: as in `webapp.domain.runs.outcomes`.
        name: how the log calls it.
        values: the fields to write.
        changes: the fields with their old and new values.
        state: for an object left unlinked, its state among the remote objects; None leaves those alone.
        former_ids: ids of merged-away objects whose links this one takes over or holds.
        kept: fields in which an edit here stays, and is still to be sent.
        company_id: of a contact the record that its company in HubSpot is linked to.
        awaited_company: of a contact its company in HubSpot, where that is not here.
        in_flight: fields that a run of ours is sending at this moment, which stay as they are on both sides.
        looks_like: records that it resembles and that are linked to other objects: possible duplicates.
        is_unmoved: both sides hold their base, so that neither the link nor the log has to remember anything.
        error: the exception that prevented a plan.
    """

    remote: Remote
    verb: Literal["create", "update", "touch", "leave"]
    outcome: str
    name: str
    reason: str | None = None
    record_id: int | None = None
    link: LinkFacts | None = None
    values: dict[str, Value] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    incoming: Incoming | None = None
    state: str | None = None
    detail: dict[str, Any] | None = None
    former_ids: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    company_id: int | None = None
    awaited_company: str | None = None
    in_flight: frozenset[str] = frozenset()
    looks_like: tuple[Evidence, ...] = ()
    is_unmoved: bool = False
    error: Exception | None = None

    @property
    def is_open(self) -> bool:
        """Whether the object has to be looked at again, because a run of ours is writing to it."""
        return bool(self.in_flight) or self.reason == "stale_read"


class AlikePair(Struct, frozen=True):
    """Two records that are linked to different objects and look alike, with the evidence."""

    record_id: int
    other_id: int
    evidence: tuple[str, ...]
    points: int
    is_certain: bool


def empties(plan: Plan) -> bool:
    """Whether a plan takes a value away from a record."""
    return any(old is not None and new is None for _name, old, new in plan.changes)


def alike_pairs(plans: Iterable[Plan]) -> list[AlikePair]:
    """The possible duplicates found by plans."""
    return [
        AlikePair(plan.record_id, one.record_id, one.evidence, one.points, one.kind == "certain")
        for plan in plans
        if plan.record_id is not None
        for one in plan.looks_like
    ]


def changed_in_keys(plans: Iterable[Plan]) -> list[int]:
    """The records that were linked before and now have other values by which they may be found."""
    return [
        plan.record_id
        for plan in plans
        if plan.verb == "update"
        and plan.record_id is not None
        and any(is_of_keys(name) for name, _, _ in plan.changes)
    ]


class When(Enum):
    """When a certain match is linked.

    In a pull of everything it waits until all objects of the type have been decided about, by the book as it
    was before: else what is linked early would decide which records a crowded key brings to a later page.
    """

    AT_ONCE = "at_once"
    ADDRESSED_AT_ONCE = "addressed_at_once"
    """Contacts with a record's own e-mail address at once, which HubSpot gives to one alone; others later."""
    CHOSEN = "chosen"
    """Nothing but what was chosen among all that wait."""


class Linking(Struct, frozen=True):
    """How the objects of a page are linked; `chosen` are records by object."""

    when: When = When.AT_ONCE
    chosen: Values[str, int] = {}

    @property
    def is_at_once(self) -> bool:
        """Whether the page is planned for good."""
        return self.when is When.AT_ONCE

    def waits(self, remote_id: str, match: Match, *, is_addressed: bool, is_crowded: bool) -> bool:
        """Whether an object's match, or that there is none, is left to the end of the type.

        Where a key is crowded, what it brings is not to depend on what has been linked so far.
        """
        if match.record_id is not None and match.record_id == self.chosen.get(remote_id):
            return False
        if self.when is When.ADDRESSED_AT_ONCE:
            return not is_addressed if match.kind == "certain" else is_crowded
        return self.when is When.CHOSEN and match.kind == "certain"

    def asks_again(self, *, is_crowded: bool) -> bool:
        """Whether what waits is decided about once more before any of it is linked."""
        return self.when is When.ADDRESSED_AT_ONCE and is_crowded


AT_ONCE = Linking()

DOUBTFUL = "doubtful_match"
"""The reason of a held object that may be one record."""

CROWDED = "crowded"
"""The mark of an object, held or left out, of which a key may have brought too few records."""

ODDS = "odds"
"""Of an object that waits to be linked: how much alike it is to its record."""

PROVISIONAL = "provisional"
"""The mark of an object that is decided about once more before anything is linked."""


class Terms(Struct, frozen=True):
    """The terms by which a page is planned: both sides' facts, the configuration, and what is linked."""

    facts: Facts
    mapping: Mapping
    rule: Rule
    origin: Origin
    linking: Linking = AT_ONCE

    def name_of(self, remote: Remote) -> str:
        """The name of an object in the log."""
        return display_name(self.mapping.object_type, remote.id, remote.properties)


def unreadable(remote: Remote, object_type: ObjectType) -> Plan:
    """The plan of an object of which only the id could be read: it fails, and nothing is applied."""
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.FAILED,
        reason="unreadable_object",
        name=display_name(object_type, remote.id, remote.properties),
        detail={"error": remote.unreadable},
    )


def failed(remote: Remote, object_type: ObjectType, error: Exception) -> Plan:
    """The plan of an object that cannot be handled."""
    return Plan(
        remote=remote,
        verb="leave",
        outcome=outcomes.FAILED,
        reason="unexpected",
        name=display_name(object_type, remote.id, remote.properties),
        detail={"error": type(error).__name__},
        error=error,
    )
