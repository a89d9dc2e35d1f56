"""Associations of many contacts, of which HubSpot refuses the call because of one: the others are made."""

from collections.abc import Callable, Sequence

from webapp.hubspot.association_decoding import Pair
from webapp.hubspot.calls.associations import AssociationAnswer
from webapp.hubspot.errors import HubSpotError
from webapp.usecases.push.sending.asking import ask_narrowed


def associate_narrowed(
    associate: Callable[[Sequence[Pair]], AssociationAnswer], pairs: Sequence[Pair]
) -> AssociationAnswer:
    """Associate contacts with companies; those that HubSpot refuses alone are missing from what is done.

    Raises:
        HubSpotError: Trouble that concerns the call, or that every pair meets.
    """
    narrowed = ask_narrowed(associate, pairs)
    return AssociationAnswer(
        done=[pair for _, answer in narrowed.answers for pair in answer.done],
        missing=[
            *(pair for _, answer in narrowed.answers for pair in answer.missing),
            *(pair for pair, _ in narrowed.refused),
        ],
        errors=[
            *(error for _, answer in narrowed.answers for error in answer.errors),
            *(error for _, error in narrowed.refused),
        ],
    )


def end_narrowed(end: Callable[[Sequence[Pair]], None], pairs: Sequence[Pair]) -> dict[Pair, HubSpotError]:
    """End associations of contacts and companies; those that HubSpot refuses alone, and why.

    Raises:
        HubSpotError: Trouble that concerns the call, or that every pair meets.
    """
    return dict(ask_narrowed(end, pairs).refused)
