"""Batches that HubSpot refuses because of one: made in parts, until it shows which one that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from msgspec import Struct, field

from webapp.hubspot.errors import HubSpotError

T = TypeVar("T")
R = TypeVar("R")

MOST_ALONE: Final = 8
"""So many refused alone, and nothing carried out: then it is not about them."""


class InParts(Struct, Generic[T, R]):
    """The answers about items: each with those that it is about, and those refused alone."""

    answers: list[tuple[Sequence[T], R]] = field(default_factory=list)
    refused: list[tuple[T, HubSpotError]] = field(default_factory=list)


def in_parts(
    ask: Callable[[Sequence[T]], R], items: Sequence[T], is_of_some: Callable[[HubSpotError], bool]
) -> InParts[T, R]:
    """Ask about items at once; of those that are refused, about each half.

    Both halves of one are asked about before either is divided further. So a part that is carried out, and
    shows that the rest may be as well, is mostly found with the first calls, however many are refused.

    Args:
        ask: Asks about some of the items.
        items: All of them.
        is_of_some: Whether an error may be about some of the items.

    Raises:
        HubSpotError: What concerns the call, or whatever it is about.
    """
    parts: InParts[T, R] = InParts()
    pending = [list(items)] if items else []
    divisible: list[list[T]] = []
    while pending or divisible:
        pending = pending or halves(divisible.pop())
        some = pending.pop()
        try:
            parts.answers.append((some, ask(some)))
        except HubSpotError as error:
            if not is_of_some(error):
                raise
            if len(some) > 1:
                divisible.append(some)
            else:
                parts.refused.append((some[0], error))
            if not parts.answers and len(parts.refused) == MOST_ALONE:
                raise
    return parts


def halves(items: Sequence[T]) -> list[list[T]]:
    """Two parts of the items, the second first: they are taken from the end."""
    half = len(items) // 2
    return [list(items[half:]), list(items[:half])]
