"""Batches of reads of which HubSpot refuses one object: it is found out, and the others are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from webapp.hubspot.errors import MissingScopes, NotFound
from webapp.hubspot.objects import ObjectsAnswer, UnreadableObject

MOST_FORBIDDEN: Final = 8
"""So many objects refused alone, and none read: then it is not about them."""


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
    answers: list[ObjectsAnswer] = []
    forbidden: list[UnreadableObject] = []
    pending = [list(keys)]
    while pending:
        some = pending.pop()
        try:
            answers.append(ask(some))
        except NotFound as error:
            if not error.is_of_object:
                raise
            answers.append(ObjectsAnswer(results=[]))
        except MissingScopes as error:
            half = len(some) // 2
            if error.is_of_app or (not answers and len(forbidden) == MOST_FORBIDDEN):
                raise
            if half:
                pending += [some[half:], some[:half]]
            else:
                forbidden.append(_forbidden(some[0], id_property, error.message))
    return _joined(answers, forbidden)


def _forbidden(key: str, id_property: str | None, why: str) -> UnreadableObject:
    if id_property is None:
        return UnreadableObject(id=key, why=why)
    return UnreadableObject(id="", why=why, properties={id_property: key})


def _joined(answers: Sequence[ObjectsAnswer], forbidden: Sequence[UnreadableObject]) -> ObjectsAnswer:
    if len(answers) == 1 and not forbidden:
        return answers[0]
    return ObjectsAnswer(
        results=[found for one in answers for found in one.results],
        errors=[error for one in answers for error in one.errors],
        unreadable=[*forbidden, *(odd for one in answers for odd in one.unreadable)],
    )
