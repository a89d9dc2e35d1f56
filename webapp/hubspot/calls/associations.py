"""Calls on the relations between contacts and companies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from webapp.hubspot.association_decoding import Pair, WritesDecoder
from webapp.hubspot.batches import in_batches
from webapp.hubspot.calls.association_reads import MOST_READS, AssociationReads, check_inputs, stops_all
from webapp.hubspot.errors import HubSpotError, MalformedAnswer
from webapp.hubspot.http.answers import from_item
from webapp.hubspot.objects import PLAIN_COMPANY, PRIMARY_COMPANY

MOST_WRITES: Final = 2000
MOST_ENDS: Final = 100
_NAMING = ("fromObjectId", "from")


class AssociationAnswer(msgspec.Struct, frozen=True):
    """The answer to a batch of associations.

    Attributes:
        done: those that are made.
        missing: those that are not.
        errors: why not; HubSpot does not always say of which.
        unsettled: those of the missing ones that may not have been made for a cause that passes.
    """

    done: list[Pair]
    missing: list[Pair]
    errors: list[HubSpotError]
    unsettled: list[Pair] = []


_writes = WritesDecoder()
_nothing = msgspec.json.Decoder(None)


class AssociationCalls(AssociationReads):
    """Making and ending the associations of contacts with companies."""

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
        check_inputs(len(pairs), MOST_WRITES)
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        inputs = [
            {"from": {"id": contact}, "to": {"id": company}, "types": [kind]} for contact, company in pairs
        ]
        answer = self._write(self._associations("create"), {"inputs": inputs}, _writes)
        done = {one.pair() for one in answer.results}
        unnamed = [pair for pair in pairs if pair not in done]
        errors = [from_item(item) for item in answer.errors]
        for passing in (error for error in errors if stops_all(error) and unnamed):
            raise passing
        if answer.has_unreadable or len(errors) < len(unnamed):
            # Of some the answer says neither that they were made nor why not.
            done |= self._made(unnamed, type_id)
        missing = [pair for pair in pairs if pair not in done]
        return AssociationAnswer(
            done=[pair for pair in pairs if pair in done],
            missing=missing,
            errors=errors,
            unsettled=_unsettled(missing, errors),
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
        check_inputs(len(pairs), MOST_ENDS)
        if pairs:
            inputs = [{"from": {"id": contact}, "to": [{"id": company}]} for contact, company in pairs]
            self._write(self._associations("archive"), {"inputs": inputs}, _nothing)

    def take_primary(self, pairs: Sequence[Pair]) -> None:
        """Makes the primary companies of up to 100 contacts plain ones.

        Raises:
            ValueError: More pairs than HubSpot takes at once.
        """
        check_inputs(len(pairs), MOST_ENDS)
        if pairs:
            kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY_COMPANY}
            inputs = [
                {"from": {"id": contact}, "to": {"id": company}, "types": [kind]}
                for contact, company in pairs
            ]
            path = self._path("association_labels", from_type="contacts", to_type="companies", verb="archive")
            self._write(path, {"inputs": inputs}, _nothing)


def _unsettled(missing: Sequence[Pair], errors: Sequence[HubSpotError]) -> list[Pair]:
    """Those that an error names whose cause passes; all that no other error names, where it names none."""
    passing = [one for one in errors if one.may_be_of_one]
    named = {contact for one in passing for contact in _named(one)}
    if not all(map(_named, passing)):
        refused = {contact for one in errors if not one.may_be_of_one for contact in _named(one)}
        named |= {contact for contact, _ in missing if contact not in refused}
    return [pair for pair in missing if pair[0] in named]


def _named(error: HubSpotError) -> list[str]:
    """The contacts that an error is about, as far as it says."""
    return [contact for name in _NAMING for contact in error.context.get(name, ())]
