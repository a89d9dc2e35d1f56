"""Calls on the relations between contacts and companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from webapp.hubspot.association_decoding import Pair, ReadsDecoder, Related, WritesDecoder
from webapp.hubspot.batches import in_batches
from webapp.hubspot.calls.base import Calls
from webapp.hubspot.calls.paging import Cursors
from webapp.hubspot.errors import HubSpotError, MalformedAnswer
from webapp.hubspot.http.answers import from_item
from webapp.hubspot.objects import PLAIN_COMPANY, PRIMARY_COMPANY, AssociatedObject, Association

T = TypeVar("T")

MOST_READS: Final = 1000
MOST_WRITES: Final = 2000
MOST_ENDS: Final = 100
_OF_NONE = ("OBJECT_NOT_FOUND", None)
"""The categories of errors by which HubSpot says that an object has no associations."""


class AssociationAnswer(msgspec.Struct, frozen=True):
    """The answer to a batch of associations."""

    done: list[Pair]
    missing: list[Pair]
    errors: list[HubSpotError]


_reads = ReadsDecoder()
_writes = WritesDecoder()
_nothing = msgspec.json.Decoder(None)


class AssociationCalls(Calls):
    """Which companies a contact has, and which one is primary."""

    def associations_of(self, contact_ids: Sequence[str]) -> Related[Association]:
        """All companies of up to 1,000 contacts, page by page.

        Returns:
            By contact id; an empty list for a contact without company, which HubSpot reports either as an
            error or not at all.

        Raises:
            ValueError: More contacts than HubSpot takes at once.
        """
        return self._related(
            self._associations("read"), contact_ids, AssociatedObject.association, lambda one: one.to_id
        )

    def contacts_of(self, company_ids: Sequence[str]) -> Related[str]:
        """Ids of all contacts of up to 1,000 companies, by company.

        Raises:
            ValueError: More companies than HubSpot takes at once.
        """
        path = self._path("associations_batch", from_type="companies", to_type="contacts", verb="read")
        return self._related(path, company_ids, lambda one: str(one.to_object_id), lambda one: one)

    def _related(
        self,
        path: str,
        ids: Sequence[str],
        read: Callable[[AssociatedObject], T],
        identify: Callable[[T], str],
    ) -> Related[T]:
        """The associations of these objects; none for an object with an odd entry."""
        unreadable: dict[str, str] = {}
        found: dict[str, dict[str, T]] = {one: {} for one in ids}
        met: set[str] = set()
        for from_id, end in self._read_ends(path, list(found), unreadable):
            met.add(from_id)
            one, known = read(end), found[from_id]
            if identify(one) not in known or (isinstance(one, Association) and one.is_primary):
                # Of several entries the primary one counts, on whichever page it is.
                known[identify(one)] = one
        if (why := unreadable.pop("", None)) is not None:
            # Nobody knows whose it is, so that an object of which nothing was read may have it.
            unreadable |= {one: why for one in found if one not in met}
        related: Related[T] = Related()
        related.update((one, list(ends.values())) for one, ends in found.items() if one not in unreadable)
        related.unreadable = unreadable
        return related

    def _read_ends(
        self, path: str, ids: Sequence[str], unreadable: dict[str, str]
    ) -> Iterator[tuple[str, AssociatedObject]]:
        """All associations of these objects and no others, page by page.

        Objects with odd entries go into `unreadable`, and those that HubSpot did not come to, which is no
        proof that they have none; under "" stands one that says not whose it is.

        Raises:
            RetryableError: HubSpot did not come to some of them, for a cause that passes.
        """
        _check(len(ids), MOST_READS)
        requested = set(ids)
        inputs: list[dict[str, str]] = [{"id": one} for one in ids]
        cursors: dict[str, Cursors] = defaultdict(Cursors)
        while inputs:
            answer = self._ask(path, {"inputs": inputs}, _reads)
            unreadable |= _unanswered(answer.errors, requested)
            unreadable |= {one: why for one, why in answer.unreadable.items() if one in requested or not one}
            inputs = []
            for from_id, read in ((str(one.from_.id), one) for one in answer.results):
                if from_id not in requested:
                    continue
                yield from ((from_id, end) for end in read.to)
                if read.paging and read.paging.next:
                    after = read.paging.next.after
                    cursors[from_id].meet(after)
                    inputs.append({"id": from_id, "after": after})

    def associate_primary(self, pairs: Sequence[Pair]) -> AssociationAnswer:
        """Makes companies the primary ones of up to 2,000 contacts; repeating it changes nothing.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
            RetryableError: Some were not made, for a cause that passes; the others may have been.
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
        unnamed = [pair for pair in pairs if pair not in done]
        errors = [from_item(item) for item in answer.errors]
        for passing in (error for error in errors if _stops_all(error) and unnamed):
            raise passing
        if answer.has_unreadable or len(errors) < len(unnamed):
            # Of some the answer says neither that they were made nor why not.
            done |= self._made(unnamed, type_id)
        return AssociationAnswer(
            done=[pair for pair in pairs if pair in done],
            missing=[pair for pair in pairs if pair not in done],
            errors=errors,
        )

    def _made(self, pairs: Sequence[Pair], type_id: int) -> set[Pair]:
        """The pairs that are associated now, read afresh instead of taken from the call's answer.

        Raises:
            MalformedAnswer: What one of the contacts has cannot be read either.
        """
        made: set[Pair] = set()
        for some in in_batches(pairs, MOST_READS):
            related = self.associations_of([contact for contact, _ in some])
            if related.unreadable:
                why = next(iter(related.unreadable.values()))
                raise MalformedAnswer(f"The answer to a write could not be read: {why}")
            made |= {
                (contact, one.to_id)
                for contact, companies in related.items()
                for one in companies
                if one.is_primary or type_id == PLAIN_COMPANY
            }
        return made

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


def _unanswered(errors: Sequence[Mapping[str, Any]], requested: Collection[str]) -> dict[str, str]:
    """By id, why HubSpot does not say what an object has; under "" of errors that name none.

    Raises:
        RetryableError: The cause passes.
    """
    unanswered: dict[str, str] = {}
    for item in errors:
        error = from_item(item)
        if _stops_all(error):
            raise error
        if error.category not in _OF_NONE:
            named = {*error.context.get("fromObjectId", ()), *error.context.get("ids", ())} & {*requested}
            unanswered |= dict.fromkeys(named or {""}, error.message)
    return unanswered


def _stops_all(error: HubSpotError) -> bool:
    """Whether the rest of a batch has to wait as well, rather than go on without one."""
    return error.retryable and not error.may_be_of_one


def _check(inputs: int, most: int) -> None:
    if inputs > most:
        raise ValueError(f"{inputs} inputs, of which HubSpot takes {most}")
