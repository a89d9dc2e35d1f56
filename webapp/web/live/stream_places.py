"""The limit of live pages that a process serves at a time.

Each holds a connection; where the server cannot hand that over, a thread as well, and pages need some. No one
person takes the last places, however many tabs they open. Who gets none is refused at once; the page then
asks for the same news every few seconds, which takes a thread for moments.
"""

import threading
from collections import Counter
from collections.abc import Callable

NOBODY_YET = 0
"""Whose place it is until the session of a request was looked up."""
# The share of a process's threads; the rest is for pages, uploads and monitors.
_SHARE = 0.8
# The largest share of the places for one person.
_SHARE_OF_ONE = 0.9
_THREADS = 704


class StreamPlaces:
    """The places of one process."""

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._lock = threading.Lock()
        self._taken: Counter[int] = Counter()

    @property
    def taken(self) -> int:
        """How many streams are open."""
        return self._taken.total()

    def take(self, person: int) -> Callable[[], None] | None:
        """Take a place; returns the function that gives it back, or None if this person can have none.

        Args:
            person: `NOBODY_YET` while it is not known whose it is.
        """
        with self._lock:
            most_of_one = self._most if person == NOBODY_YET else self._most_of_one
            if self._taken.total() >= self._most or self._taken[person] >= most_of_one:
                return None
            self._taken[person] += 1
        is_taken = [person]

        def give_back() -> None:
            with self._lock:
                if is_taken:
                    self._taken[is_taken.pop()] -= 1
                    self._taken += Counter()

        return give_back


def of_connections(connections: int) -> StreamPlaces:
    """The places for streams in a process whose server hands over connections."""
    return _shared(connections // 2)


def of_threads(threads: int = _THREADS) -> StreamPlaces:
    """The places of a process that has so many threads."""
    return _shared(int(threads * _SHARE))


def _shared(most: int) -> StreamPlaces:
    return StreamPlaces(max(1, most), max(1, int(most * _SHARE_OF_ONE)))
