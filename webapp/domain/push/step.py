"""One record on its way through a push: what is known of it on both sides, and what was decided so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from webapp.domain.links.base import Base
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.push.outgoing import Properties, SentChange
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.domain.rules.rule import Rule


class Local(Struct, kw_only=True):
    """A record as a push finds it.

    Attributes:
        key: the e-mail address or domain by which HubSpot is asked for it.
        link: its link, in whatever state.
        company_remote_id: the object of a contact's company, where that is linked.
        company_values: of that company, the values that the rule asks about.
        first_id: the record that goes first, where another one here has the same key.
        decision: what a person said about it while it was held.
        announced_at: when a create was announced that nothing has settled yet.
        unlogged: changes that a push sent, or was about to, and that no log tells of: it was cut off.
        edited_at: when its fields were edited here last, where that matters.
        unsent_version: which edit of it waits to be sent, read together with the values.
        is_done: whether this run has settled it already.
        is_unnamed: whether its uuid was made up only now, since HubSpot did not know it by one.
    """

    id: int
    uuid: str
    is_active: bool
    values: dict[str, Value]
    key: str | None = None
    link: LinkFacts | None = None
    company_remote_id: str | None = None
    company_values: dict[str, Any] | None = None
    first_id: int | None = None
    decision: dict[str, Any] | None = None
    announced_at: datetime | None = None
    unlogged: Sequence[SentChange] = ()
    edited_at: dict[str, datetime] = field(default_factory=dict)
    unsent_version: str | None = None
    is_done: bool = False
    is_unnamed: bool = False


class Theirs(Struct):
    """An object as HubSpot answered it; `is_new` after an upsert.

    `changed_at` says when HubSpot changed its properties last, where that was asked.
    """

    id: str
    properties: Properties
    created_at: datetime
    updated_at: datetime
    is_new: bool | None = None
    changed_at: dict[str, datetime] = field(default_factory=dict)


class Step(Struct, kw_only=True):
    """One record's part in a push.

    Attributes:
        verb: `update` or `create` an object; `match` one first; `leave` the record alone.
        outcome: as in `webapp.domain.runs.outcomes`; empty until it is known.
        theirs: the object as it was before, then as it was answered.
        changes: what is sent.
        regained: what was sent before, by a push that was cut off before its log could tell.
        link_state: what becomes of the link; None keeps it.
    """

    local: Local
    verb: Literal["match", "update", "create", "leave"]
    outcome: str = ""
    reason: str | None = None
    theirs: Theirs | None = None
    changes: list[SentChange] = field(default_factory=list)
    regained: list[SentChange] = field(default_factory=list)
    base: Base | None = None
    detail: dict[str, Any] | None = None
    link_state: str | None = None
    is_settled: bool = False

    @property
    def remote_id(self) -> str | None:
        """The object concerned, if any."""
        if self.theirs is not None:
            return self.theirs.id
        return self.local.link.remote_id if self.local.link else None


class PushPolicy(Struct, frozen=True):
    """Under what terms records are pushed.

    Attributes:
        mapping: the mapping in force.
        rule: what goes out.
        is_asked_for: whether a person pressed the record's own button: rules and "gone" do not hold it back.
        is_automatic: whether nobody asked: only what was changed here is sent, whatever the rules say of
            records that are linked.
        may_create: whether records that are not linked may be sent at all.
        clears: fields that a person wants cleared in HubSpot too.
    """

    mapping: Mapping
    rule: Rule
    is_asked_for: bool = False
    is_automatic: bool = False
    may_create: bool = True
    clears: frozenset[str] = frozenset()

    @property
    def has_key(self) -> bool:
        """Whether HubSpot has our unique property."""
        return self.mapping.has_key

    @property
    def object_type(self) -> ObjectType:
        """What the mapping is of."""
        return self.mapping.object_type
