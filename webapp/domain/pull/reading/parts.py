"""Splits a long list among readers: their number, the cuts, and the proof that nothing is missed.

In practice the cursor of a list is the number of its next object, and the numbers rise; HubSpot promises
neither. So each page is judged by what it shows, and a part is used only when it is proved to begin where the
part before it ends.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, inf
from typing import Literal

from msgspec import Struct

from webapp.domain.records.normal.whole_numbers import whole_number

LARGE = 5_000
"""The number of objects from which several readers pay."""
PART = 800
"""Objects of a part: eight pages, for one search that finds where it ends."""
MOST_READERS = 8

# No worker writes more pages than this in a second, however far away HubSpot is.
_MOST_PAGES_PER_S = 60.0
# Readers also search for boundaries, and a slice begins and ends with fewer of them.
_TO_SPARE = 1.5
_PAGES_OF_A_PART = 8
# A smaller part, in pages, is read before the search for its middle is answered.
_SMALLEST_PART = 3
_COUNT_TOLERANCE = 100
_LARGEST_ID = 10**30 - 1

Doubt = Literal[
    "opaque_cursor", "ids_fall", "ended_early", "before_boundary", "seam_open", "empty", "refused"
]
"""The reason to read the rest of a list with one reader."""


def readers_for(latency_s: float, calls_per_s: float) -> int:
    """How many readers use up the limit: by Little's law, the calls in flight at that rate.

    Args:
        latency_s: How long HubSpot takes to answer.
        calls_per_s: How many calls its limit allows.
    """
    waiting = latency_s * min(calls_per_s, _MOST_PAGES_PER_S)
    return 1 if waiting <= 1 else min(MOST_READERS, ceil(waiting * _TO_SPARE))


def gap_between(calls_per_s: float) -> float:
    """Seconds between the starts of two pages, so that no burst uses up a window of the limit."""
    return 1 / (_TO_SPARE * max(calls_per_s, 0.1))


def number_of(text: str | None) -> int | None:
    """An id or a cursor as a number: as texts, ids of different lengths would be out of order."""
    return whole_number(text, _LARGEST_ID)


class Stretch(Struct, frozen=True):
    """The stretch of a page that belongs to a part: its first `kept` objects.

    `following` is the number of the first object behind the part, where the page reaches the part's end.
    """

    kept: int
    following: int | None


def judged(ids: Sequence[str], after: str | None, *, behind: int, until: int | None) -> Stretch | Doubt:
    """The objects of a part on a page, or why the list does not suit parallel readers.

    Args:
        ids: The objects of the page, in its order.
        after: The cursor of the next page; None on the last.
        behind: The number of the last object before the page.
        until: Where the next part begins; None where the part is the last.
    """
    numbers = _numbers(ids)
    if numbers is None or any(one >= other for one, other in pairwise([behind, *numbers])):
        return "ids_fall"
    if after is None:
        return Stretch(len(ids), None) if until is None else "ended_early"
    next_number = number_of(after)
    if next_number is None or next_number <= (numbers[-1] if numbers else behind):
        return "opaque_cursor"
    if until is None or next_number < until:
        return Stretch(len(ids), None)
    kept = sum(one < until for one in numbers)
    return Stretch(kept, numbers[kept] if kept < len(numbers) else next_number)


def doubt_at_seam(following: int, ids: Sequence[str], *, boundary: int) -> Doubt | None:
    """Why two parts do not join: the object after the first part has to begin the second.

    Args:
        following: The first object behind the part before, by its own list.
        ids: The first page of the next part.
        boundary: Where that part was to begin.
    """
    numbers = _numbers(ids[:1])
    if numbers is None:
        return "ids_fall"
    if not numbers:
        return "empty"
    if numbers[0] < boundary:
        return "before_boundary"
    return None if numbers[0] == following else "seam_open"


class Remaining(Struct, frozen=True):
    """The rest of a part: the objects from number `base` on; `count` is None if unknown."""

    base: int
    count: int | None


class Cut(Struct, frozen=True):
    """The cut of a part in two: the new one begins `rank` objects after number `base`."""

    part: int
    base: int
    rank: int


def next_cut(parts: Sequence[Remaining]) -> Cut | None:
    """The cut of the largest part, for another reader; None if no part is large enough."""
    sizes = [inf if part.count is None else part.count for part in parts]
    largest = max(range(len(parts)), key=sizes.__getitem__)
    if sizes[largest] > 2 * PART:
        return Cut(largest, parts[largest].base, PART)
    page = max(1, PART // _PAGES_OF_A_PART)
    if sizes[largest] < 2 * _SMALLEST_PART * page:
        return None
    half = ceil(sizes[largest] / 2 / page) * page
    return Cut(largest, parts[largest].base, half)


def count_differs(count: int, read: int) -> bool:
    """Whether a search counted more or fewer objects than were read, beyond what its lag explains."""
    return abs(count - read) > max(_COUNT_TOLERANCE, count // _COUNT_TOLERANCE)


def _numbers(ids: Sequence[str]) -> list[int] | None:
    numbers = [number_of(one) for one in ids]
    known = [one for one in numbers if one is not None]
    return known if len(known) == len(numbers) else None
