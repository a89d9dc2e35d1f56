"""HubSpot's objects as they travel, decoded straight from the answer's bytes.

Times are decoded to timezone-aware datetimes: the decoder does it in C for less than a string compare costs
later, and every reader needs them as times.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

PRIMARY_COMPANY: Final = 1
"""Association type of a contact and its primary company, category HUBSPOT_DEFINED."""

COMPANY_PROPERTY: Final = "associatedcompanyid"
"""The property of a contact that follows its primary company; its history says since when."""
PLAIN_COMPANY: Final = 279
"""Association type of a contact and any of its companies, category HUBSPOT_DEFINED."""

MODIFIED: Final = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}
"""The property that says when an object was changed last, by object type."""

MERGED_IDS: Final = "hs_merged_object_ids"
"""Read with every object, since a merge is proved by it."""


Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says of which zone: one that does not could be compared with no other."""


class Next(msgspec.Struct, gc=False):
    """The cursor of the next page."""

    after: str


class Paging(msgspec.Struct, gc=False):
    """The paging part of an answer; missing on the last page."""

    next: Next | None = None


class AssociationEntry(msgspec.Struct, gc=False):
    """One label of an association; an associated object appears once per label."""

    id: str
    type: str


class AssociationBlock(msgspec.Struct, gc=False):
    """At most 100 entries, then `paging`."""

    results: list[AssociationEntry] = []
    paging: Paging | None = None


class HistoryEntry(msgspec.Struct, rename="camel", gc=False):
    """A value that a property held from `timestamp` on."""

    value: str | None = None
    timestamp: Moment | None = None
    source_type: str | None = None
    source_id: str | None = None


class RemoteObject(msgspec.Struct, rename="camel", gc=False, kw_only=True):
    """A company or contact at HubSpot; property values are texts or None, whatever their type."""

    id: str
    properties: dict[str, str | None]
    created_at: Moment
    updated_at: Moment
    archived: bool = False
    archived_at: Moment | None = None
    associations: dict[str, AssociationBlock] | None = None
    properties_with_history: dict[str, list[HistoryEntry]] | None = None
    new: bool | None = None
    """After an upsert: whether it made the object."""
    object_write_trace_id: str | None = None

    @property
    def company_ids(self) -> list[str]:
        """Ids of the associated companies, each once, in HubSpot's order."""
        block = self._company_block()
        return list(dict.fromkeys(entry.id for entry in block.results)) if block else []

    @property
    def primary_company_id(self) -> str | None:
        """The company that HubSpot labels as primary."""
        block = self._company_block()
        if block is not None:
            for entry in block.results:
                if entry.type == "contact_to_company":
                    return entry.id
        return None

    @property
    def chosen_company_id(self) -> str | None:
        """The company that a contact belongs to here: the primary one, else that with the lowest id."""
        block = self._company_block()
        if block is None or not block.results:
            return None
        return self.primary_company_id or min(self.company_ids, key=_by_number)

    @property
    def has_unread_companies(self) -> bool:
        """Whether the answer holds not all companies, and not the primary one.

        So it is where it has none although the contact's properties name the primary one.
        """
        block = self._company_block()
        is_cut = block is not None and block.paging is not None and block.paging.next is not None
        is_silent = not self.company_ids and bool(self.properties.get(COMPANY_PROPERTY))
        return (is_cut and self.primary_company_id is None) or is_silent

    @property
    def merged_ids(self) -> list[str]:
        """Ids of objects that were merged into this one."""
        listed = self.properties.get(MERGED_IDS)
        return [part for part in listed.split(";") if part] if listed else []

    def set_companies(self, companies: Iterable[Association]) -> None:
        """Replaces the associated companies by what the association endpoint says."""
        entries = [AssociationEntry(company.to_id, company.label) for company in companies]
        self.associations = {**(self.associations or {}), "companies": AssociationBlock(entries)}

    def _company_block(self) -> AssociationBlock | None:
        return self.associations.get("companies") if self.associations else None


class Association(msgspec.Struct, gc=False, frozen=True):
    """A contact's relation to a company."""

    to_id: str
    is_primary: bool

    @property
    def label(self) -> str:
        """The name that list answers use for it."""
        return "contact_to_company" if self.is_primary else "contact_to_company_unlabeled"


class UnreadableObject(msgspec.Struct, kw_only=True):
    """An object of an answer that is not as an object should be: an odd number, date or shape in it.

    Attributes:
        id: its id as text, empty where even that is missing.
        why: what does not fit, and where.
        properties: those that could be read; one of them may be the key that it was looked up by.
    """

    id: str
    why: str
    properties: dict[str, str | None] = {}
    object_write_trace_id: str | None = None


class Page(msgspec.Struct):
    """Objects of one list page; `after` is None on the last, and a short or empty page need not be it."""

    results: list[RemoteObject]
    after: str | None
    unreadable: list[UnreadableObject] = []


class Found(msgspec.Struct, gc=False):
    """A result of a search: an id to be read, since the rest may be half a minute old."""

    id: str


class SearchPage(msgspec.Struct):
    """A page of a search, which lags up to 30 s."""

    total: int
    results: list[Found]
    after: str | None


class SearchAnswer(msgspec.Struct, gc=False):
    """The envelope of a search; one without `results` is none."""

    results: list[Found]
    paging: Paging | None = None
    total: int = 0

    @property
    def after(self) -> str | None:
        """The cursor of the next page; None on the last."""
        return self.paging.next.after if self.paging and self.paging.next else None


class ObjectsAnswer(msgspec.Struct, rename="camel", gc=False):
    """The envelope of lists and batches; `errors` only in mixed results.

    An answer without `results` is none: taken for an empty page, it would end a list. `unreadable` has the
    objects that could not be decoded; HubSpot sends nothing by this name.
    """

    results: list[RemoteObject]
    paging: Paging | None = None
    errors: list[dict[str, Any]] = []
    unreadable: list[UnreadableObject] = []

    @property
    def after(self) -> str | None:
        """The cursor of the next page; None on the last."""
        return self.paging.next.after if self.paging and self.paging.next else None


class AssociationType(msgspec.Struct, rename="camel", gc=False):
    """A label between two objects."""

    type_id: int
    category: str = "HUBSPOT_DEFINED"


class AssociatedObject(msgspec.Struct, rename="camel", gc=False):
    """The far end of an association; the id is a number or a text, depending on the version."""

    to_object_id: int | str
    association_types: list[AssociationType] = []

    def association(self) -> Association:
        """The association in our own terms."""
        is_primary = any(
            kind.type_id == PRIMARY_COMPANY and kind.category == "HUBSPOT_DEFINED"
            for kind in self.association_types
        )
        return Association(str(self.to_object_id), is_primary)


def _by_number(object_id: str) -> tuple[int, str]:
    """Orders ids as numbers: they are decimal texts of different lengths."""
    return len(object_id.lstrip("0")), object_id
