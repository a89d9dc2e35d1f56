"""Calls on the relations between contacts and companies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from webapp.hubspot.calls.base import Calls
from webapp.hubspot.errors import HubSpotError, MalformedAnswer
from webapp.hubspot.http.answers import from_item
from webapp.hubspot.objects import PLAIN_COMPANY, PRIMARY_COMPANY, AssociatedObject, Association, Paging

MOST_READS: Final = 1000
MOST_WRITES: Final = 2000
MOST_ENDS: Final = 100

Pair = tuple[str, str]
"""Ids of a contact and a company."""


class AssociationAnswer(msgspec.Struct, frozen=True):
    """The answer to a batch of associations."""

    done: list[Pair]
    missing: list[Pair]
    errors: list[HubSpotError]


class _End(msgspec.Struct):
    id: int | str


class _Read(msgspec.Struct):
    """All that is associated with one object, or the first part of it."""

    from_: _End = msgspec.field(name="from")
    to: list[AssociatedObject] = []
    paging: Paging | None = None


class _Reads(msgspec.Struct):
    results: list[_Read] = []


class _Written(msgspec.Struct, rename="camel"):
    """One pair, spelled in either of HubSpot's two ways."""

    from_object_id: int | str | None = None
    to_object_id: int | str | None = None
    from_: _End | None = msgspec.field(name="from", default=None)
    to: _End | None = None

    def pair(self) -> Pair:
        """Ids of the contact and the company."""
        start = self.from_object_id if self.from_ is None else self.from_.id
        end = self.to_object_id if self.to is None else self.to.id
        return str(start), str(end)


class _Writes(msgspec.Struct):
    results: list[_Written] = []
    errors: list[dict[str, Any]] = []


_reads = msgspec.json.Decoder(_Reads)
_writes = msgspec.json.Decoder(_Writes)
_nothing = msgspec.json.Decoder(None)


class AssociationCalls(Calls):
    """Which companies a contact has, and which one is primary."""

    def associations_of(self, contact_ids: Sequence[str]) -> dict[str, list[Association]]:
        """All companies of up to 1,000 contacts, page by page.

        Returns:
            By contact id; an empty list for a contact without company, which HubSpot reports either as an
            error or not at all.

        Raises:
            ValueError: More contacts than HubSpot takes at once.
        """
        found: dict[str, dict[str, Association]] = {one: {} for one in contact_ids}
        for contact_id, company in self._read_ends(self._associations("read"), list(found)):
            _add(found.setdefault(contact_id, {}), company.association())
        return {contact_id: list(companies.values()) for contact_id, companies in found.items()}

    def contacts_of(self, company_ids: Sequence[str]) -> dict[str, list[str]]:
        """Ids of all contacts of up to 1,000 companies, by company.

        Raises:
            ValueError: More companies than HubSpot takes at once.
        """
        path = self._path("associations_batch", from_type="companies", to_type="contacts", verb="read")
        found: dict[str, dict[str, None]] = {one: {} for one in company_ids}
        for company_id, contact in self._read_ends(path, list(found)):
            found.setdefault(company_id, {})[str(contact.to_object_id)] = None
        return {company_id: list(contacts) for company_id, contacts in found.items()}

    def _read_ends(self, path: str, ids: Sequence[str]) -> Iterator[tuple[str, AssociatedObject]]:
        """Whatever is associated with these objects, page by page."""
        _check(len(ids), MOST_READS)
        inputs: list[dict[str, str]] = [{"id": one} for one in ids]
        given: set[tuple[str, str]] = set()
        while inputs:
            answer = self._ask(path, {"inputs": inputs}, _reads)
            inputs = []
            for read in answer.results:
                from_id = str(read.from_.id)
                yield from ((from_id, end) for end in read.to)
                if read.paging and read.paging.next:
                    after = read.paging.next.after
                    if (from_id, after) in given:
                        raise MalformedAnswer("A page of HubSpot's associations leads to an earlier one.")
                    given.add((from_id, after))
                    inputs.append({"id": from_id, "after": after})

    def associate_primary(self, pairs: Sequence[Pair]) -> AssociationAnswer:
        """Makes companies the primary ones of up to 2,000 contacts; repeating it changes nothing.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
        """
        return self._associate(pairs, PRIMARY_COMPANY)

    def associate_plainly(self, pairs: Sequence[Pair]) -> AssociationAnswer:
        """Gives up to 2,000 contacts a company that is not their primary one.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
        """
        return self._associate(pairs, PLAIN_COMPANY)

    def _associate(self, pairs: Sequence[Pair], type_id: int) -> AssociationAnswer:
        _check(len(pairs), MOST_WRITES)
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        inputs = [
            {"from": {"id": contact}, "to": {"id": company}, "types": [kind]} for contact, company in pairs
        ]
        answer = self._write(self._associations("create"), {"inputs": inputs}, _writes)
        done = {one.pair() for one in answer.results}
        return AssociationAnswer(
            done=[pair for pair in pairs if pair in done],
            missing=[pair for pair in pairs if pair not in done],
            errors=[from_item(item) for item in answer.errors],
        )

    def dissociate(self, pairs: Sequence[Pair]) -> None:
        """Ends the associations of up to 100 contacts with a company each; says nothing about missing ones.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
        """
        _check(len(pairs), MOST_ENDS)
        if pairs:
            inputs = [{"from": {"id": contact}, "to": [{"id": company}]} for contact, company in pairs]
            self._write(self._associations("archive"), {"inputs": inputs}, _nothing)

    def take_primary(self, pairs: Sequence[Pair]) -> None:
        """Makes the primary companies of up to 100 contacts plain ones.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
        """
        _check(len(pairs), MOST_ENDS)
        if pairs:
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY_COMPANY}
            inputs = [
                {"from": {"id": contact}, "to": {"id": company}, "types": [kind]}
                for contact, company in pairs
            ]
            path = self._path("association_labels", from_type="contacts", to_type="companies", verb="archive")
            self._write(path, {"inputs": inputs}, _nothing)

    def _associations(self, verb: str) -> str:
        return self._path("associations_batch", from_type="contacts", to_type="companies", verb=verb)


def _add(companies: dict[str, Association], association: Association) -> None:
    """Keeps one entry a company: the primary one where any page says so."""
    known = companies.get(association.to_id)
    if known is None or association.is_primary:
        companies[association.to_id] = association


def _check(inputs: int, most: int) -> None:
    if inputs > most:
        raise ValueError(f"{inputs} inputs, of which HubSpot takes {most}")
