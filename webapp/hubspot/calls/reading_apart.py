"""Batches of reads of which HubSpot refuses one object: it is found out, and the others are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from webapp.hubspot.calls.in_parts import in_parts
from webapp.hubspot.errors import HubSpotError, MissingScopes, NotFound
from webapp.hubspot.objects import ObjectsAnswer, UnreadableObject


def read_apart(
    ask: Callable[[Sequence[str]], ObjectsAnswer], keys: Sequence[str], id_property: str | None
) -> ObjectsAnswer:
    """The objects of these keys; those that may not be read are among the unreadable ones.

    That none of some is there proves no more of each than being left out does.

    Args:
        ask: Reads some of them.
        keys: Ids, or values of `id_property`.
        id_property: Under which property they are looked for; None where they are ids.

    Raises:
        HubSpotError: What concerns the call.
    """

    def read(some: Sequence[str]) -> ObjectsAnswer:
        try:
            return ask(some)
        except NotFound as error:
            if not error.is_of_object:
                raise
            return ObjectsAnswer(results=[])

    parts = in_parts(read, keys, is_of_objects)
    refused = [_refused(key, id_property, error.stored_text) for key, error in parts.refused]
    return _joined([answer for _, answer in parts.answers], refused)


def is_of_objects(error: HubSpotError) -> bool:
    """Whether a read may be refused for one of its objects."""
    return error.may_be_of_content or (isinstance(error, MissingScopes) and not error.is_of_app)


def _refused(key: str, id_property: str | None, why: str) -> UnreadableObject:
    if id_property is None:
        return UnreadableObject(id=key, why=why)
    return UnreadableObject(id="", why=why, properties={id_property: key})


def _joined(answers: Sequence[ObjectsAnswer], refused: Sequence[UnreadableObject]) -> ObjectsAnswer:
    if len(answers) == 1 and not refused:
        return answers[0]
    return ObjectsAnswer(
        results=[found for one in answers for found in one.results],
        errors=[error for one in answers for error in one.errors],
        unreadable=[*refused, *(odd for one in answers for odd in one.unreadable)],
    )
