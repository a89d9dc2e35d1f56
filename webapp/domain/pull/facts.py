"""What both sides say of a page of objects: all that planning is given."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.incoming import Incoming, read_incoming
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.matching.match import CandidateIndex
from webapp.domain.records.values import Value


class Remote(Struct):
    """An object as HubSpot answered it.

    `company_id` is the primary company's, else the lowest. `changed_at` says when HubSpot changed each field
    last, where that was asked.
    """

    id: str
    properties: dict[str, str | None]
    updated_at: datetime
    company_id: str | None = None
    merged_ids: Sequence[str] = ()
    changed_at: dict[str, datetime] = field(default_factory=dict)
    incoming: Incoming | None = None

    def read(self, mapping: Mapping) -> Incoming:
        """The object's properties as our fields; read once."""
        if self.incoming is None:
            self.incoming = read_incoming(self.properties, mapping)
        return self.incoming


class CompanyFacts(Struct, frozen=True):
    """A contact's company: the record here, or the reason why there is none."""

    record_id: int | None = None
    reason: str | None = None


class SeenFacts(Struct, frozen=True):
    """What is known of an object that was seen before and not linked."""

    state: str
    decision: dict[str, Any] | None = None
    reason: str | None = None


class Facts(Struct):
    """Both sides of one page.

    `addresses` are the further ones that contacts have already, as far as the page's objects have some too.
    `company_values` are, by record, those of the contacts' companies that the rule asks about.
    `new_ids` yields unused record ids; `apart` who was said not to be whom; `unsent` which records were
    edited here since they were last sent, each with the version of that edit; `edited_at` when, by record and
    field: in an automatic sync of those that were not sent yet, in a pull of those edited since it was asked
    for.
    """

    links: dict[str, LinkFacts]
    records: dict[int, dict[str, Value]]
    index: CandidateIndex
    new_ids: Iterator[int]
    companies: dict[str, CompanyFacts] = field(default_factory=dict)
    company_values: dict[int, dict[str, Any]] = field(default_factory=dict)
    addresses: dict[int, set[str]] = field(default_factory=dict)
    seen: dict[str, SeenFacts] = field(default_factory=dict)
    apart: dict[str, frozenset[int]] = field(default_factory=dict)
    unsent: dict[int, str] = field(default_factory=dict)
    edited_at: dict[int, dict[str, datetime]] = field(default_factory=dict)


def unknown_companies(remotes: Sequence[Remote], facts: Facts) -> list[str]:
    """The objects' companies that were never seen here, by id: made in HubSpot only a moment ago."""
    return sorted({remote.company_id for remote in remotes if remote.company_id} - facts.companies.keys())
