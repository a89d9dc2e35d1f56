"""Ranges of consecutive numbers, as first and last, so that a few rows represent many links."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Stretch(NamedTuple):
    """All numbers from the first to the last."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """The number of its members."""
        return self.last - self.first + 1


def stretches(numbers: Iterable[int]) -> list[Stretch]:
    """The ranges that numbers form, in order."""
    found: list[Stretch] = []
    first = last = None
    for number in sorted(set(numbers)):
        if last is not None and first is not None and number != last + 1:
            found.append(Stretch(first, last))
            first = number
        first, last = (number if first is None else first), number
    return [*found, Stretch(first, last)] if first is not None and last is not None else found


def less(whole: Stretch, others: Sequence[Stretch]) -> list[Stretch]:
    """The parts of a range that other ranges, given in order, do not cover."""
    left = []
    first = whole.first
    for other in others:
        if other.last < first:
            continue
        if other.first > whole.last:
            break
        if other.first > first:
            left.append(Stretch(first, other.first - 1))
        first = other.last + 1
    return [*left, Stretch(first, whole.last)] if first <= whole.last else left
