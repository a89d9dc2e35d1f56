"""The stored rows of a file, as ranges: a file without errors is one range."""

from collections.abc import Iterable, Sequence

Ranges = list[list[int]]
"""`[[first, last], …]` in order, both ends included, with a gap between any two."""


def added_to(ranges: Sequence[Sequence[int]], numbers: Iterable[int]) -> Ranges:
    """The ranges with further rows in them."""
    joined: Ranges = []
    for first, last in sorted([*(tuple(one) for one in ranges), *((one, one) for one in numbers)]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    return joined


def holds(ranges: Sequence[Sequence[int]], number: int) -> bool:
    """Whether a row is in the ranges."""
    return any(first <= number <= last for first, last in ranges)
