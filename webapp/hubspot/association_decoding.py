"""Answers about associations, decoded so that one odd entry does not take the others with it."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from webapp.hubspot.errors import ObjectUnreadable
from webapp.hubspot.http.decoding import one_by_one, plain_json
from webapp.hubspot.objects import AssociatedObject, Paging

T = TypeVar("T")

Pair = tuple[str, str]
"""Ids of a contact and a company."""


class Related(dict[str, list[T]], Generic[T]):
    """The associations of objects, by their ids.

    An object of which HubSpot's answer is not as it should be is left out: it may have more than could be
    read. It stands in `unreadable`, with what does not fit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: dict[str, str] = {}

    def insisted_on(self) -> Related[T]:
        """The same, where all of it is needed.

        Raises:
            ObjectUnreadable: An answer about one of them is odd.
        """
        for object_id, why in self.unreadable.items():
            raise ObjectUnreadable(why, object_id=object_id)
        return self


class End(msgspec.Struct):
    """One end of an association."""

    id: int | str


class Read(msgspec.Struct):
    """All that is associated with one object, or the first part of it."""

    from_: End = msgspec.field(name="from")
    to: list[AssociatedObject] = []
    paging: Paging | None = None


class Reads(msgspec.Struct):
    """The associations that were read; objects with an odd entry by id, or "" if even that is missing.

    `errors` has the objects without any, and what kept HubSpot from answering.
    """

    results: list[Read]
    errors: list[dict[str, Any]] = []
    unreadable: dict[str, str] = {}


class Written(msgspec.Struct, rename="camel"):
    """One pair, spelled in either of HubSpot's two ways."""

    from_object_id: int | str | None = None
    to_object_id: int | str | None = None
    from_: End | None = msgspec.field(name="from", default=None)
    to: End | None = None

    def pair(self) -> Pair:
        """Ids of the contact and the company."""
        start = self.from_object_id if self.from_ is None else self.from_.id
        end = self.to_object_id if self.to is None else self.to.id
        return str(start), str(end)


class Writes(msgspec.Struct):
    """The associations that were written; `has_unreadable`: whether some entries could not be read."""

    results: list[Written] = []
    errors: list[dict[str, Any]] = []
    has_unreadable: bool = False


class ReadsDecoder:
    """Decodes what is associated with objects: at once, or entry by entry where one is odd."""

    def decode(self, content: bytes) -> Reads:
        """The answer.

        Raises:
            msgspec.ValidationError: The envelope itself is odd.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return _reads.decode(content)
        except msgspec.ValidationError:
            read, odd = one_by_one(_entries(content), Read)
            answer = msgspec.convert({**plain_json(content), "results": []}, Reads)
            answer.results, answer.unreadable = read, {_from_id(item): why for item, why in odd}
            return answer


class WritesDecoder:
    """Decodes which associations were made: at once, or entry by entry where one is odd."""

    def decode(self, content: bytes) -> Writes:
        """The answer.

        Raises:
            msgspec.ValidationError: The envelope itself is odd.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return _writes.decode(content)
        except msgspec.ValidationError:
            written, odd = one_by_one(_entries(content), Written)
            answer = msgspec.convert({**plain_json(content), "results": []}, Writes)
            answer.results, answer.has_unreadable = written, bool(odd)
            return answer


_reads = msgspec.json.Decoder(Reads)
_writes = msgspec.json.Decoder(Writes)
_envelope = msgspec.json.Decoder(dict[str, Any])


def _entries(content: bytes) -> list[Any]:
    return msgspec.convert(_envelope.decode(content).get("results"), list[Any])


def _from_id(item: Any) -> str:
    start = item.get("from") if isinstance(item, dict) else None
    number = start.get("id") if isinstance(start, dict) else None
    return str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
