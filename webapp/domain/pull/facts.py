"""The complete input of planning a page of objects: the facts that both sides hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from webapp.domain.links.base import COMPANY
from webapp.domain.links.company_moves import Version, moved_at
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import Incoming, read_incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.candidates import CandidateIndex
from webapp.domain.records.values import Value


class Remote(Struct):
    """An object as HubSpot answered it.

    `company_id` is the primary company's, else the lowest; `primary_id` the former alone. `changed_at` is
    when HubSpot changed each field last, where property histories were read. `unreadable` is why nothing but
    the id could be read of it. `generation` is that of our writes in which the request began; None where
    nothing can have been written since. `company_versions` are the companies of a contact, the newest first,
    where property histories were read; `former_company_ids` those merged into its present one, where that
    was asked for.
    """

    id: str
    properties: dict[str, str | None]
    updated_at: datetime
    company_id: str | None = None
    merged_ids: Sequence[str] = ()
    changed_at: dict[str, datetime] = field(default_factory=dict)
    primary_id: str | None = None
    incoming: Incoming | None = None
    unreadable: str | None = None
    created_at: datetime | None = None
    generation: int | None = None
    company_versions: Sequence[Version] = ()
    former_company_ids: Sequence[str] | None = None

    def times_there(self) -> dict[str, datetime]:
        """When HubSpot changed each field last, and gave a contact its company, as far as that was read."""
        came_at = moved_at(self.company_versions, self.company_id, self.former_company_ids or ())
        return self.changed_at if came_at is None else {**self.changed_at, COMPANY: came_at}

    def read(self, mapping: Mapping) -> Incoming:
        """The object's properties as our fields; read once."""
        if self.incoming is None:
            self.incoming = read_incoming(self.properties, mapping)
        return self.incoming


class CompanyFacts(Struct, frozen=True):
    """A contact's company: the record here, or how and why it was left out.

    `is_merged` says that the record is not linked to the company's object: it merged here with the one that
    was.
    """

    record_id: int | None = None
    reason: str | None = None
    state: str | None = None
    is_merged: bool = False


class SeenFacts(Struct, frozen=True):
    """The facts about an object that was seen before and not linked."""

    state: str
    decision: dict[str, Any] | None = None
    reason: str | None = None


class Facts(Struct, frozen=True, kw_only=True):
    """Both sides of one page: the read-only input of planning.

    Attributes:
        links: the links of the page's objects and of those merged into them, by object.
        records: the values of the records that are linked or may be met, by number.
        index: the records that an object without link may be.
        new_ids: unused record numbers, one for each object without link at least.
        companies: the contacts' companies, by object.
        company_values: the values of the contacts' companies that the rule needs, by record.
        addresses: the further addresses that contacts have already, as far as the page's objects have some.
        seen: what is known of objects that were seen before and not linked.
        erased: the objects that bear the e-mail address of somebody who was erased here.
        apart: by object the records that a person has decided it is not.
        unsent: the linked records that were edited here since they were last sent, each with the version of
            that edit.
        edited_at: of these, and of records that may be linked now, when each field was edited, as far as that
            counts against HubSpot's value.
        unlinked: by object, the generation in which we wrote to it without a link, or took that away.
        in_flight: by record, the fields that a run of ours is sending at this moment: HubSpot may or may not
            hold them yet, so that a read says nothing of them.
    """

    links: dict[str, LinkFacts] = {}
    records: dict[int, dict[str, Value]] = {}
    index: CandidateIndex = field(default_factory=CandidateIndex)
    new_ids: Sequence[int] = ()
    companies: dict[str, CompanyFacts] = {}
    company_values: dict[int, dict[str, Any]] = {}
    addresses: dict[int, set[str]] = {}
    seen: dict[str, SeenFacts] = {}
    erased: frozenset[str] = frozenset()
    apart: dict[str, frozenset[int]] = {}
    unsent: dict[int, str] = {}
    edited_at: dict[int, dict[str, datetime]] = {}
    unlinked: dict[str, int] = {}
    in_flight: dict[int, frozenset[str]] = {}

    def company_of(self, remote: Remote) -> CompanyFacts | None:
        """The facts about a contact's company; None if it has none, or an unknown one."""
        return self.companies.get(remote.company_id) if remote.company_id else None

    def outdated_among(self, remotes: Sequence[Remote]) -> list[str]:
        """The objects that we have written to since they were read."""
        if not self.unlinked:
            newest = max((link.generation for link in self.links.values()), default=0)
            # Mostly nothing was written at all since the run began.
            remotes = [one for one in remotes if one.generation is not None and one.generation < newest]
        return [one.id for one in remotes if self.is_outdated(one)]

    def is_outdated(self, remote: Remote) -> bool:
        """Whether we have written to an object, or to one merged into it, since it was read."""
        if remote.generation is None or not (self.links or self.unlinked):
            return False
        for one in (remote.id, *remote.merged_ids):
            link = self.links.get(one)
            if link is not None and link.generation > remote.generation:
                return True
            if self.unlinked.get(one, 0) > remote.generation:
                return True
        return False


def unknown_companies(remotes: Sequence[Remote], facts: Facts) -> list[str]:
    """The ids of the objects' companies that were never seen here, such as ones just created in HubSpot."""
    return sorted({remote.company_id for remote in remotes if remote.company_id} - facts.companies.keys())
