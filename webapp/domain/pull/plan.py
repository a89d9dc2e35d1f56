"""The plan for one object of a pull, as an immutable value."""

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import Incoming, display_name
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.match import Evidence
from webapp.domain.pull.facts import Facts, Remote
from webapp.domain.pull.linking import AT_ONCE, Linking
from webapp.domain.pull.origin import Origin
from webapp.domain.records.fields import ObjectType
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
