"""Questions that HubSpot refuses because of one item: it is found, and the others are asked about."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TypeVar

from webapp.hubspot.calls.in_parts import InParts, in_parts
from webapp.hubspot.errors import HubSpotError, RequestRefused, ValidationFailed
from webapp.usecases.push.sending.narrowing import is_about_key

T = TypeVar("T")
R = TypeVar("R")

_OF_VALUES = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_URI_TOO_LONG)
"""With these HubSpot refuses what a question holds; with others the call, whatever it is about."""


def ask_narrowed(
    ask: Callable[[Sequence[T]], R], items: Sequence[T], *, is_divided: bool = False
) -> InParts[T, R]:
    """Ask about items at once; where one of them is refused, about the others without it.

    Args:
        ask: Asks HubSpot about some of the items.
        items: All of them.
        is_divided: Whether `ask` finds out by itself what is refused without a reason.

    Raises:
        HubSpotError: Trouble that concerns the call, or that every item meets: it is not about a value.
    """

    def is_of_some(error: HubSpotError) -> bool:
        return _is_of_values(error) or (error.may_be_of_content and not is_divided)

    return in_parts(ask, items, is_of_some)


def _is_of_values(error: HubSpotError) -> bool:
    is_refused = isinstance(error, ValidationFailed | RequestRefused) and error.status in _OF_VALUES
    return is_refused and not error.is_unexplained and not is_about_key(error)
