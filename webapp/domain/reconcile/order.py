"""Whether a walk by number can go on behind a page of a search without passing anything over."""

from collections.abc import Sequence
from itertools import pairwise


def can_go_on(ids: Sequence[str], *, after: str, total: int) -> bool:
    """Whether nothing is left, or a page leads on: not empty, ascending, and all of it beyond the last one.

    Args:
        ids: The objects of the page.
        after: The number behind which was searched; empty at the start.
        total: How many objects are left by HubSpot's count, with those of the page.
    """
    if total <= len(ids):
        return True
    if not ids or not all(one.isdecimal() for one in ids):
        return False
    numbers = [int(after or 0), *map(int, ids)]
    return all(before < number for before, number in pairwise(numbers))
