"""Answers with objects, decoded so that one odd object does not take the others with it."""

from __future__ import annotations

from typing import Any

import msgspec

from webapp.hubspot.errors import ObjectUnreadable
from webapp.hubspot.http.decoding import one_by_one, plain_json, with_text_ids
from webapp.hubspot.objects import ObjectsAnswer, RemoteObject, UnreadableObject

_strict_answer = msgspec.json.Decoder(ObjectsAnswer)
_strict_object = msgspec.json.Decoder(RemoteObject)


class ObjectsDecoder:
    """Decodes lists and batches: at once, or object by object where one is not as it should be."""

    def decode(self, content: bytes) -> ObjectsAnswer:
        """The answer, whose `unreadable` objects are kept apart.

        Raises:
            msgspec.ValidationError: The envelope itself is odd.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return _strict_answer.decode(content)
        except msgspec.ValidationError:
            answer = _without_odd_ones(with_text_ids(plain_json(content)))
            if answer is None:
                raise
            return answer


class ObjectDecoder:
    """Decodes the answer to a read of one object."""

    def decode(self, content: bytes) -> RemoteObject:
        """The object.

        Raises:
            ObjectUnreadable: It is not as an object should be.
            msgspec.ValidationError: It is no object at all.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return _strict_object.decode(content)
        except msgspec.ValidationError:
            item = with_text_ids(plain_json(content))
            if not isinstance(item, dict) or not item:
                raise
            return _converted(item)


def _converted(item: dict[str, Any]) -> RemoteObject:
    try:
        return msgspec.convert(item, RemoteObject)
    except msgspec.ValidationError as error:
        found = _unreadable(item, str(error))
        raise ObjectUnreadable(found.why, object_id=found.id) from error


def _without_odd_ones(raw: Any) -> ObjectsAnswer | None:
    """The answer with every object that can be decoded; None where the envelope is odd."""
    if not isinstance(raw, dict) or not isinstance(raw.get("results"), list):
        return None
    results, odd = one_by_one(raw["results"], RemoteObject)
    try:
        answer = msgspec.convert({**raw, "results": []}, ObjectsAnswer)
    except msgspec.ValidationError:
        return None
    answer.results, answer.unreadable = results, [_unreadable(item, why) for item, why in odd]
    return answer


def _unreadable(item: Any, why: str) -> UnreadableObject:
    """A description of an odd object for the log: its texts and numbers, without the rest."""
    fields = item if isinstance(item, dict) else {}
    given = fields.get("properties")
    properties = given if isinstance(given, dict) else {}
    named = _text(fields.get("id")) or _text(properties.get("hs_object_id"))
    return UnreadableObject(
        id=named or "",
        why=why,
        properties={str(name): _text(value) for name, value in properties.items()},
        object_write_trace_id=_text(fields.get("objectWriteTraceId")),
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None
