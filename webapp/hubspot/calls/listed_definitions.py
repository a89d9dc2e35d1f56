"""Answers that list definitions, decoded so that an odd definition or option leaves the others alone."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from webapp.hubspot.definitions import PropertyDefinition, PropertyOption
from webapp.hubspot.http.decoding import one_by_one, plain_json, with_text_ids
from webapp.hubspot.objects import Paging

T = TypeVar("T")

_strict_definition = msgspec.json.Decoder(PropertyDefinition)


class Listed(msgspec.Struct, Generic[T]):
    """What is listed; an answer without `results` is none.

    Attributes:
        results: what could be read.
        paging: where the next page begins.
        unread: the names of those that could not be read; HubSpot sends nothing by this name.
    """

    results: list[T]
    paging: Paging | None = None
    unread: list[str] = []


class _Envelope(msgspec.Struct):
    results: list[Any]
    paging: Paging | None = None


class ListedDecoder(Generic[T]):
    """Decodes a list: at once, or one by one where one is not as it should be."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._strict = msgspec.json.Decoder(Listed[kind])  # type: ignore[valid-type]

    def decode(self, content: bytes) -> Listed[T]:
        """The list, with the names of those that are odd.

        Raises:
            msgspec.ValidationError: The envelope itself is odd.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return self._strict.decode(content)
        except msgspec.ValidationError:
            answer = msgspec.convert(with_text_ids(plain_json(content)), _Envelope)
        results, odd = one_by_one([_mended(one) for one in answer.results], self._kind)
        names = [str(one.get("name") or "") for one, _ in odd if isinstance(one, dict)]
        return Listed(results, answer.paging, [name for name in names if name])


class DefinitionDecoder:
    """Decodes the answer to the making of a property."""

    def decode(self, content: bytes) -> PropertyDefinition:
        """The definition.

        Raises:
            msgspec.ValidationError: It is odd otherwise than by a null.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return _strict_definition.decode(content)
        except msgspec.ValidationError:
            return msgspec.convert(_mended(plain_json(content)), PropertyDefinition)


def _mended(item: Any) -> Any:
    """The same without nulls, which stand for nothing, and without odd options, which it then says."""
    if not isinstance(item, dict):
        return item
    given = _without_nulls(item)
    if not isinstance(given.get("options"), list):
        return given
    options = [_as_option(one) for one in given["options"]]
    _, odd = one_by_one(options, PropertyOption)
    kept = [one for one in options if all(one is not bad for bad, _ in odd)]
    return {**given, "options": kept, "hasUnreadOptions": bool(odd)}


def _as_option(item: Any) -> Any:
    """An option whose value is a text, also where it came as a number: no doubt is which is meant."""
    if not isinstance(item, dict):
        return item
    given, value = _without_nulls(item), item.get("value")
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return {**given, "value": str(value)} if is_number else given


def _without_nulls(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
