"""Batches and their results: answers are matched to the requested keys one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from webapp.hubspot.errors import HubSpotError
from webapp.hubspot.http.answers import from_item
from webapp.hubspot.objects import ObjectsAnswer, RemoteObject, UnreadableObject

T = TypeVar("T")
KeyOf = Callable[[RemoteObject | UnreadableObject], Sequence[str]]
"""The keys under which an object of an answer may have been requested, as HubSpot spells them.

The surest is first; an empty text stands for one that it lacks.
"""

MOST_INPUTS = 100


def in_batches(items: Sequence[T], size: int = MOST_INPUTS) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


class CreateInput(msgspec.Struct, frozen=True):
    """An object to make. `trace_id` names it in the answer; without one, one bad input fails all."""

    trace_id: str
    properties: Mapping[str, str]
    primary_company_id: str | None = None


class UpdateInput(msgspec.Struct, frozen=True):
    """Properties to set on an object; an empty text clears one."""

    id: str
    properties: Mapping[str, str]


class UpsertInput(msgspec.Struct, frozen=True):
    """Properties to set on the object whose unique property holds `key`, made where there is none."""

    key: str
    properties: Mapping[str, str]


class ItemError(msgspec.Struct, frozen=True):
    """Why some items of a batch failed. `keys` are the requested ones concerned, empty if none is named."""

    keys: tuple[str, ...]
    error: HubSpotError


class BatchAnswer(msgspec.Struct, frozen=True):
    """The answer to a batch. HubSpot promises no order, and leaves merged-away ids out without an error.

    `results` has each object that was requested once, however often the answer does, and no other.

    `missing_ids` are the requested keys without a result, with or without an error naming them: absence
    proves nothing but that each has to be looked at alone.
    """

    results: list[RemoteObject]
    by_key: dict[str, RemoteObject]
    """Results by requested key: id, trace id, or value of the unique property."""
    missing_ids: list[str]
    errors: list[ItemError]
    unreadable: dict[str, UnreadableObject] = {}
    """By requested key, the objects that are there and could not be decoded; none of them is missing."""

    def error_of(self, key: str) -> HubSpotError | None:
        """Why a requested key has no result, where HubSpot says so; an error that names it goes first."""
        about_it = [item.error for item in self.errors if key in item.keys]
        about_all = [item.error for item in self.errors if not item.keys]
        return next(iter([*about_it, *about_all]), None)


def compare(requested: Sequence[str], answer: ObjectsAnswer, key_of: KeyOf) -> BatchAnswer:
    """Holds the answer against the request.

    Args:
        requested: The keys of the inputs.
        answer: The decoded body.
        key_of: The keys under which a result may have been requested, as HubSpot spells them.
    """
    spellings = {_spelling(key): key for key in requested}
    by_key = _by_key(answer.results, spellings, key_of)
    unreadable = _by_key(answer.unreadable, spellings, key_of)
    errors = [
        ItemError(_keys_in(item, spellings), from_item(item))
        for item in answer.errors
        if not _is_about_others(item, spellings)
    ]
    missing = [key for key in requested if key not in by_key and key not in unreadable]
    results = list({one.id: one for one in by_key.values()}.values())
    return BatchAnswer(results, by_key, missing, errors, unreadable)


def _by_key(found: Sequence[Any], spellings: Mapping[str, str], key_of: KeyOf) -> dict[str, Any]:
    """The objects by requested key: of two with the same one the surer, of two as sure the later."""
    by_key: dict[str, Any] = {}
    places: dict[str, int] = {}
    for one in found:
        for place, spelling in enumerate(key_of(one)):
            key = spellings.get(_spelling(spelling)) if spelling else None
            if key is not None and place <= places.get(key, place):
                by_key[key], places[key] = one, place
    return by_key


def by_id(result: RemoteObject | UnreadableObject) -> list[str]:
    """The key of a result requested by id."""
    return [result.id]


def by_property(name: str) -> KeyOf:
    """The keys of a result requested by a unique property; a contact answers to all its addresses."""

    def keys_of(result: RemoteObject | UnreadableObject) -> list[str]:
        keys = [result.object_write_trace_id or "", result.properties.get(name) or ""]
        if name == "email":
            keys += (result.properties.get("hs_additional_emails") or "").split(";")
        return keys

    return keys_of


def by_trace(inputs: Sequence[CreateInput]) -> KeyOf:
    """The key of a created object: its trace id, or where the answer leaves it out, its e-mail's input."""
    traces = {
        _spelling(one.properties["email"]): one.trace_id for one in inputs if one.properties.get("email")
    }

    def keys_of(result: RemoteObject | UnreadableObject) -> list[str]:
        trace_id = result.object_write_trace_id or traces.get(_spelling(result.properties.get("email") or ""))
        return [trace_id] if trace_id else []

    return keys_of


def _keys_in(item: Mapping[str, Any], spellings: Mapping[str, str]) -> tuple[str, ...]:
    """The requested keys that an entry of `errors` is about."""
    context = item.get("context")
    if not isinstance(context, dict):
        return ()
    named = [*_texts(context.get("objectWriteTraceId")), *_texts(context.get("ids"))]
    return tuple(spellings[_spelling(key)] for key in named if _spelling(key) in spellings)


def _is_about_others(item: Mapping[str, Any], spellings: Mapping[str, str]) -> bool:
    """Whether an entry names inputs that were not sent: then it says nothing of those that were."""
    context = item.get("context")
    traces = _texts(context.get("objectWriteTraceId")) if isinstance(context, dict) else []
    return bool(traces) and not any(_spelling(trace) in spellings for trace in traces)


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else []


def _spelling(key: str) -> str:
    """Keys compare without case: HubSpot lower-cases addresses."""
    return key.strip().lower()
