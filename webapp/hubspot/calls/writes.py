"""Calls that write companies and contacts themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from webapp.hubspot.batches import (
    BatchAnswer,
    CreateInput,
    UpdateInput,
    UpsertInput,
    by_id,
    by_property,
    by_trace,
    compare,
)
from webapp.hubspot.calls.base import Calls
from webapp.hubspot.calls.in_parts import in_parts
from webapp.hubspot.errors import HubSpotError, MalformedAnswer, NotFound, ObjectUnreadable
from webapp.hubspot.object_decoding import ObjectDecoder, ObjectsDecoder
from webapp.hubspot.objects import PRIMARY_COMPANY, RemoteObject

_answers = ObjectsDecoder()
_objects = ObjectDecoder()
_nothing = msgspec.json.Decoder(None)


class WriteCalls(Calls):
    """Create, update, archive and merge objects. `object_type` is `companies` or `contacts`."""

    def batch_create(self, object_type: str, inputs: Sequence[CreateInput]) -> BatchAnswer:
        """Makes up to 100 objects, each succeeding or failing alone. Never repeated blindly.

        Returns:
            Keys are trace ids.

        Raises:
            HubSpotError: With `may_have_taken_effect`, verify each input before repeating it.
        """
        body = {"inputs": [_create_input(one) for one in inputs]}
        traces = [one.trace_id for one in inputs]
        path = self._batch(object_type, "create", traces)
        answer = self._write(path, body, _answers, is_repeatable=False)
        return compare(traces, answer, by_trace(inputs))

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Sets properties of up to 100 objects by id. Merged-away ids are left out of the answer silently."""
        body = {"inputs": [{"id": one.id, "properties": one.properties} for one in inputs]}
        ids = [one.id for one in inputs]
        return compare(ids, self._write(self._batch(object_type, "update", ids), body, _answers), by_id)

    def batch_upsert(self, object_type: str, id_property: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
        """Sets properties of up to 100 objects by a unique property, making those that are not there.

        Returns:
            Keys are values of the unique property; each result says whether it is `new`.
        """
        keys = [one.key for one in inputs]
        items = [
            {
                "id": one.key,
                "idProperty": id_property,
                "objectWriteTraceId": one.key,
                # The key is written too, so that the answer holds it.
                "properties": {**one.properties, id_property: one.key},
            }
            for one in inputs
        ]
        path = self._batch(object_type, "upsert", keys)
        return compare(keys, self._write(path, {"inputs": items}, _answers), by_property(id_property))

    def archive(self, object_type: str, ids: Sequence[str]) -> dict[str, HubSpotError]:
        """Archives up to 100 objects; says nothing about ids that do not exist.

        Returns:
            Those that HubSpot refuses alone and without a reason, with its answer.
        """

        def archive(some: Sequence[str]) -> None:
            body = {"inputs": [{"id": one} for one in some]}
            try:
                self._write(self._batch(object_type, "archive", some), body, _nothing)
            except NotFound as error:
                # Mostly HubSpot passes over what is gone; here one of them keeps the others from going.
                if len(some) > 1 or not error.is_of_object:
                    raise

        return dict(in_parts(archive, ids, _is_of_archived).refused)

    def merge(self, object_type: str, primary_id: str, other_id: str) -> RemoteObject:
        """Joins an object into another, which HubSpot cannot take back. Never repeated blindly.

        Returns:
            The object that both live on as, mostly under a new id.

        Raises:
            HubSpotError: With `may_have_taken_effect`, read `other_id` before repeating it: the answer's id
                is another one once they are joined.
        """
        body = {"primaryObjectId": primary_id, "objectIdToMerge": other_id}
        path = self._path("objects_merge", type=object_type)
        try:
            return self._write(path, body, _objects, is_repeatable=False)
        except ObjectUnreadable as error:
            # The object is odd, the merge may well have taken effect.
            raise MalformedAnswer(f"The answer to a write could not be read: {error.message}") from error


def _is_of_archived(error: HubSpotError) -> bool:
    """Whether some of the objects may be the cause."""
    return error.may_be_of_content or (isinstance(error, NotFound) and error.is_of_object)


def _create_input(one: CreateInput) -> dict[str, Any]:
    item: dict[str, Any] = {"objectWriteTraceId": one.trace_id, "properties": one.properties}
    if one.primary_company_id is not None:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY_COMPANY}
        item["associations"] = [{"to": {"id": one.primary_company_id}, "types": [kind]}]
    return item
