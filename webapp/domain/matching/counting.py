"""Counts frequent values in one pass, in little memory, however many values there are."""

from collections.abc import Iterable
from heapq import nsmallest

from webapp.domain.matching.frequencies import FEWEST, MOST

_BUCKET = 50_000


class FrequentValues:
    """Counts values as they come, and forgets rare ones in between (lossy counting of Manku and Motwani).

    A count is at most one too high or too low for each fifty thousand values, and exact where that many
    different ones are never met: too little to tell a frequent value from a rare one by mistake.
    """

    def __init__(self, bucket: int = _BUCKET) -> None:
        self._bucket = bucket
        self._counts: dict[str, int] = {}
        self._met = 0
        self._floor = 0

    def add(self, values: Iterable[str | None]) -> None:
        """Count values, except None."""
        counts, floor = self._counts, self._floor
        for value in values:
            if value is not None:
                counts[value] = counts.get(value, floor) + 1
                self._met += 1
        if len(counts) > self._bucket:
            self._floor = self._met // self._bucket
            self._counts = {value: count for value, count in counts.items() if count > self._floor}

    def most_frequent(self) -> dict[str, int]:
        """The values that several records share, the most frequent first."""
        several = ((value, count) for value, count in self._counts.items() if count >= FEWEST + self._floor)
        return dict(nsmallest(MOST, several, key=lambda item: (-item[1], item[0])))
