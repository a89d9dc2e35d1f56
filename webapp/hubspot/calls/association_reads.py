"""Calls that read the relations between contacts and companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from msgspec import Struct, field

from webapp.hubspot.association_decoding import Read, Reads, ReadsDecoder, Related
from webapp.hubspot.calls.base import Calls
from webapp.hubspot.calls.in_parts import in_parts
from webapp.hubspot.calls.paging import Cursors
from webapp.hubspot.errors import HubSpotError
from webapp.hubspot.http.answers import from_item
from webapp.hubspot.objects import AssociatedObject, Association

T = TypeVar("T")

MOST_READS: Final = 1000
_OF_NONE = ("OBJECT_NOT_FOUND", None)
"""The categories of errors by which HubSpot says that an object has no associations."""

_NAMING = ("fromObjectId", "ids", "id")
_INCOMPLETE = "HubSpot's answer breaks off before the last of its associations."

_reads = ReadsDecoder()


class _Reading(Struct):
    """What is known of the objects of a call.

    Attributes:
        ids: the objects asked about.
        answered: those of which HubSpot has said something since the last page was asked for.
        unreadable: those with odd entries, and those that HubSpot did not come to, which is no proof that
            they have none; under "" stands one that says not whose it is.
    """

    ids: frozenset[str]
    answered: set[str] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)

    def leave_out(self, why: Mapping[str, str]) -> None:
        """Nothing of these objects counts."""
        self.unreadable |= why
        self.answered |= set(why)


class AssociationReads(Calls):
    """Which companies a contact has, which contacts a company has, and which company is primary."""

    def associations_of(self, contact_ids: Sequence[str]) -> Related[Association]:
        """All companies of up to 1,000 contacts, page by page.

        Returns:
            By contact id; an empty list for a contact without company, which HubSpot reports either as an
            error or not at all. Those that it does not report are asked about again before that is believed.

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
        check_inputs(len(ids), MOST_READS)
        reading = _Reading(frozenset(ids))
        found: dict[str, dict[str, T]] = {one: {} for one in ids}
        for from_id, end in self._read_ends(path, list(found), reading):
            one, known = read(end), found[from_id]
            if identify(one) not in known or (isinstance(one, Association) and one.is_primary):
                # Of several entries the primary one counts, on whichever page it is.
                known[identify(one)] = one
        unreadable = reading.unreadable
        if (why := unreadable.pop("", None)) is not None:
            # Nobody knows whose it is, so that an object of which nothing was read may have it.
            unreadable |= {one: why for one, ends in found.items() if not ends}
        related: Related[T] = Related()
        related.update((one, list(ends.values())) for one, ends in found.items() if one not in unreadable)
        related.unreadable = unreadable
        return related

    def _read_ends(
        self, path: str, ids: Sequence[str], reading: _Reading
    ) -> Iterator[tuple[str, AssociatedObject]]:
        """All associations of these objects and no others, page by page.

        Raises:
            RetryableError: HubSpot did not come to some of them, for a cause that passes.
        """
        inputs: list[dict[str, str]] = [{"id": one} for one in ids]
        cursors: dict[str, Cursors] = defaultdict(Cursors)
        while inputs:
            pages = self._answers(path, inputs, reading)
            inputs = []
            for from_id, page in pages:
                yield from ((from_id, end) for end in page.to)
                if page.paging and page.paging.next:
                    after = page.paging.next.after
                    cursors[from_id].meet(after)
                    inputs.append({"id": from_id, "after": after})

    def _answers(
        self, path: str, inputs: Sequence[Mapping[str, str]], reading: _Reading
    ) -> list[tuple[str, Read]]:
        """The next page of each object.

        An object that an answer leaves out is asked about again, since that is no proof that it has nothing.
        """
        pages = self._answers_once(path, inputs, reading)
        silent = [one for one in inputs if one["id"] not in reading.answered]
        if silent and "" not in reading.unreadable:
            pages += self._answers_once(path, silent, reading)
        for one in silent:
            if "after" in one and one["id"] not in reading.answered:
                reading.unreadable[one["id"]] = _INCOMPLETE
        reading.answered.clear()
        return pages

    def _answers_once(
        self, path: str, inputs: Sequence[Mapping[str, str]], reading: _Reading
    ) -> list[tuple[str, Read]]:
        parts = in_parts(
            lambda some: self._ask(path, {"inputs": list(some)}, _reads),
            inputs,
            lambda error: error.may_be_of_content,
        )
        reading.leave_out({one["id"]: error.stored_text for one, error in parts.refused})
        pages: list[tuple[str, Read]] = []
        for _, answer in parts.answers:
            _take_errors(answer, reading)
            pages += [(str(one.from_.id), one) for one in answer.results if str(one.from_.id) in reading.ids]
        reading.answered.update(from_id for from_id, _ in pages)
        return pages

    def _associations(self, verb: str) -> str:
        return self._path("associations_batch", from_type="contacts", to_type="companies", verb=verb)


def stops_all(error: HubSpotError) -> bool:
    """Whether the rest of a batch has to wait as well, rather than go on without one."""
    return error.retryable and not error.may_be_of_one


def check_inputs(inputs: int, most: int) -> None:
    """Refuse a call with too many inputs.

    Raises:
        ValueError: There are more than HubSpot takes at once.
    """
    if inputs > most:
        raise ValueError(f"{inputs} inputs, of which HubSpot takes {most}")


def _take_errors(answer: Reads, reading: _Reading) -> None:
    """Keep of which objects HubSpot says that they have none, and of which it says why it does not know.

    Raises:
        RetryableError: The cause passes.
    """
    odd = answer.unreadable.items()
    reading.leave_out({one: why for one, why in odd if one in reading.ids or not one})
    for item in answer.errors:
        error = from_item(item)
        if stops_all(error):
            raise error
        named = _named_by(error, reading.ids)
        reading.answered |= named
        if error.category not in _OF_NONE:
            reading.leave_out(dict.fromkeys(named or {""}, error.message))


def _named_by(error: HubSpotError, ids: Collection[str]) -> set[str]:
    return {one for name in _NAMING for one in error.context.get(name, ())} & {*ids}
