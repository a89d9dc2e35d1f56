"""Associations of many contacts, of which HubSpot refuses the call because of one: the others are made."""

import time
from collections.abc import Callable, Sequence

from webapp.hubspot.association_decoding import Pair
from webapp.hubspot.calls.associations import AssociationAnswer
from webapp.hubspot.errors import HubSpotError
from webapp.usecases.push.sending.asking import ask_narrowed

TRIES = 4
"""How often an association is tried that HubSpot cannot make just now, as other writes are."""
UNSETTLED_S = 2.0
"""The pause before each further try."""

Associate = Callable[[Sequence[Pair]], AssociationAnswer]


def associate_narrowed(associate: Associate, pairs: Sequence[Pair]) -> AssociationAnswer:
    """Associate contacts with companies; those that HubSpot refuses alone are missing from what is done.

    What it cannot do just now is tried again, and stands in `unsettled` if that does not pass.

    Raises:
        HubSpotError: Trouble that concerns the call, or that every pair meets.
    """
    answer = _associated(associate, pairs)
    for _ in range(TRIES - 1):
        if not answer.unsettled:
            break
        time.sleep(UNSETTLED_S)
        answer = _with_further(answer, _associated(associate, answer.unsettled))
    return answer


def end_narrowed(end: Callable[[Sequence[Pair]], None], pairs: Sequence[Pair]) -> dict[Pair, HubSpotError]:
    """End associations of contacts and companies; those that HubSpot refuses alone, and why.

    Raises:
        HubSpotError: Trouble that concerns the call, or that every pair meets.
    """
    return dict(ask_narrowed(end, pairs).refused)


def _associated(associate: Associate, pairs: Sequence[Pair]) -> AssociationAnswer:
    parts = ask_narrowed(associate, pairs)
    refused = [
        AssociationAnswer([], [pair], [error], [pair] if _passes(error) else [])
        for pair, error in parts.refused
    ]
    answers = [*(answer for _, answer in parts.answers), *refused]
    return AssociationAnswer(
        done=[pair for answer in answers for pair in answer.done],
        missing=[pair for answer in answers for pair in answer.missing],
        errors=[error for answer in answers for error in answer.errors],
        unsettled=[pair for answer in answers for pair in answer.unsettled],
    )


def _with_further(answer: AssociationAnswer, further: AssociationAnswer) -> AssociationAnswer:
    """Both answers, the further one about what was unsettled after the first."""
    is_tried = set(answer.unsettled)
    return AssociationAnswer(
        done=[*answer.done, *further.done],
        missing=[*(pair for pair in answer.missing if pair not in is_tried), *further.missing],
        errors=[*(one for one in answer.errors if not _passes(one)), *further.errors],
        unsettled=further.unsettled,
    )


def _passes(error: HubSpotError) -> bool:
    return error.may_be_of_one or error.may_be_of_content
