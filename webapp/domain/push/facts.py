"""The input of a push's decision: the record here, and the objects found at HubSpot."""

from collections.abc import Mapping as Values
from datetime import datetime
from typing import Any

from msgspec import Struct

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.push.outgoing import Properties, SentChange
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.values import Value
from webapp.domain.rules.rule import Rule


class Question(Struct, frozen=True):
    """A held or skipped object that may be a record: its name, its texts by our fields, and the evidence."""

    remote_id: str
    name: str
    properties: Values[str, str | None]
    evidence: tuple[str, ...] = ()
    points: int = 0
    is_skipped: bool = False


class Local(Struct, frozen=True, kw_only=True):
    """A record as a push finds it.

    Attributes:
        key: the e-mail address or domain by which HubSpot is searched for it.
        link: its link, in whatever state.
        company_remote_id: the object of a contact's company, where that is linked.
        company_values: of that company, the values that the rule reads.
        first_id: the record that goes first, where another one here has the same key.
        decision: what a person decided about it while it was held.
        announced_at: when a create was announced whose answer was never written down.
        is_completed: whether the log of the run that announced it has just been completed.
        unlogged: changes that this push was sending when it was cut off; no log entry has them.
        edited_at: when its fields were edited here last, read only where both sides changed one.
        unsent_version: which edit of it waits to be sent, read together with the values.
        met_ids: of a company without object, the objects of its domain or name that were met and not linked.
        contact_remote_ids: of a company without object, some of its contacts' objects: HubSpot may have given
            them a company.
        is_done: whether this run has written its result already.
        is_unnamed: whether its uuid is new, since HubSpot knew none of it.
        is_being_written: whether another run is sending it at this moment.
        is_unsettled: whether an earlier push was to make its object, which HubSpot could not do just then.
        further_emails: of a contact without object, its addresses beside the first.
        questions: of a record without object, the held objects that may be it.
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
    is_completed: bool = False
    unlogged: tuple[SentChange, ...] = ()
    edited_at: Values[str, datetime] = {}
    unsent_version: str | None = None
    met_ids: tuple[str, ...] = ()
    contact_remote_ids: tuple[str, ...] = ()
    is_done: bool = False
    is_unnamed: bool = False
    is_being_written: bool = False
    is_unsettled: bool = False
    further_emails: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The e-mail addresses by which HubSpot is searched for a contact."""
        return self.further_emails if self.key is None else (self.key, *self.further_emails)

    @property
    def is_linked(self) -> bool:
        """Whether it has an object at HubSpot that its values go to."""
        return self.link is not None and self.link.state == "linked"

    @property
    def chosen_id(self) -> str | None:
        """The object that a person has decided it is."""
        return (self.decision or {}).get("remote_id")


class FoundObject(Struct, frozen=True):
    """An object as HubSpot answered it; `is_new` after an upsert.

    `changed_at` says when HubSpot changed its properties last, read only where both sides changed one.
    """

    id: str
    properties: Properties
    created_at: datetime
    updated_at: datetime
    is_new: bool | None = None
    changed_at: Values[str, datetime] = {}


class Found(Struct, frozen=True):
    """A record and the objects that HubSpot has for it.

    Attributes:
        objects: of a linked record its object, or none; of another one every object that its key leads to.
        owners: by object, the record that it is linked to.
        apart: objects that a person has decided the record is not.
    """

    local: Local
    objects: tuple[FoundObject, ...] = ()
    owners: Values[str, int] = {}
    apart: frozenset[str] = frozenset()

    def is_free(self, remote: FoundObject) -> bool:
        """Whether no other record has the object."""
        return self.owners.get(remote.id, self.local.id) == self.local.id


class PushPolicy(Struct, frozen=True):
    """The terms of a push.

    Attributes:
        mapping: the mapping in force.
        rule: the rule for what is sent.
        is_requested: whether a person pressed the record's own button: rules and "gone" do not hold it back.
        makes_again: whether a person wants deleted objects made again, so that "gone" does not hold it back.
        is_automatic: whether the run began without a person: only what was changed here is sent, whatever
            the rules say of records that are linked.
        may_create: whether records that are not linked may be sent at all.
        clears: fields that a person wants cleared in HubSpot too.
        frequencies: how many records share which values, for weighing.
    """

    mapping: Mapping
    rule: Rule
    is_requested: bool = False
    makes_again: bool = False
    is_automatic: bool = False
    may_create: bool = True
    clears: frozenset[str] = frozenset()
    frequencies: Frequencies = DEFAULT

    @property
    def has_key(self) -> bool:
        """Whether HubSpot has our unique property."""
        return self.mapping.has_key

    @property
    def object_type(self) -> ObjectType:
        """The object type of the mapping."""
        return self.mapping.object_type
