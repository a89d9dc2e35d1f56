"""The check that paging by number skips nothing behind a page of search results."""

from collections.abc import Sequence
from itertools import pairwise

from webapp.domain.records.normal.whole_numbers import whole_number

_LARGEST_ID = 10**30 - 1


def can_go_on(ids: Sequence[str], *, after: str, has_more: bool) -> bool:
    """Whether nothing is left, or a page leads on: not empty, ascending, and all of it beyond the last one.

    Args:
        ids: The objects of the page.
        after: The number behind which was searched; empty at the start.
        has_more: Whether HubSpot says that there are objects behind those of the page.
    """
    if not has_more:
        return True
    numbers = [whole_number(one, _LARGEST_ID) for one in (after or "0", *ids)]
    known = [number for number in numbers if number is not None]
    return bool(ids) and len(known) == len(numbers) and all(one < other for one, other in pairwise(known))
